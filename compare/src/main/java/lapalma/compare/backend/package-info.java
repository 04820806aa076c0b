/** The fake backend that an agent sends to, and the decoders that read back what arrived. */
@NullMarked
package lapalma.compare.backend;

import org.jspecify.annotations.NullMarked;
