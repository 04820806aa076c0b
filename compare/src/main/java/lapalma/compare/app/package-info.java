/** Starts the measured process as a variant says, and watches it until it exits. */
@NullMarked
package lapalma.compare.app;

import org.jspecify.annotations.NullMarked;
