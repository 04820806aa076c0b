/** Starts the measured process as a variant says, and watches it until it exits. */
package lapalma.compare.app;
