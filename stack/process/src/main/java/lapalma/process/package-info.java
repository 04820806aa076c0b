/**
 * Starts programs as child processes, waits until they are ready, and ends them. It also finds free
 * ports and makes certificates for this machine.
 */
@NullMarked
package lapalma.process;

import org.jspecify.annotations.NullMarked;
