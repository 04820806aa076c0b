/**
 * Judges what arrived over OTLP: the rules of the Instrumentation Score, and the names of the
 * semantic conventions.
 */
@NullMarked
package lapalma.compare.score;

import org.jspecify.annotations.NullMarked;
