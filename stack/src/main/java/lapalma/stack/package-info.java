/**
 * The launcher: {@code make up} starts dice, Jaeger and Prometheus on this machine, and {@code make
 * fault} breaks them.
 */
@NullMarked
package lapalma.stack;

import org.jspecify.annotations.NullMarked;
