/**
 * A caller of dice, so that there are traces of two services. It rolls at a fixed rate and knows
 * nothing of OpenTelemetry.
 */
package lapalma.player;
