/**
 * A caller of dice, so that traces have two services. It rolls at a fixed rate and does not use
 * OpenTelemetry.
 */
package lapalma.player;
