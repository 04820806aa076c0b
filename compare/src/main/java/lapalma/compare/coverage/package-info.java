/** Sends scripted requests to a variant and grades the telemetry that it emits for them. */
package lapalma.compare.coverage;
