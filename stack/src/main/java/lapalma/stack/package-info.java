/**
 * The launcher: {@code make up} starts dice, Jaeger and Prometheus on this machine, {@code make
 * fault} breaks them, and {@code make play} rolls the dice.
 */
@NullMarked
package lapalma.stack;

import org.jspecify.annotations.NullMarked;
