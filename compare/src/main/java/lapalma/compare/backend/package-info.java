/** The fake backend that an agent sends to, and the decoders that read back what arrived. */
package lapalma.compare.backend;
