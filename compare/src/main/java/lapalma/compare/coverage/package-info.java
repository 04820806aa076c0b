/** Sends scripted requests to a variant and grades the telemetry that it emits for them. */
@NullMarked
package lapalma.compare.coverage;

import org.jspecify.annotations.NullMarked;
