/**
 * The comparison lab: what zero-code instrumentation of one app costs, and what it reports.
 *
 * <p>Each package knows only those that {@code PackagesTest} lists for it; all may throw this one's
 * exception.
 */
@NullMarked
package lapalma.compare;

import org.jspecify.annotations.NullMarked;
