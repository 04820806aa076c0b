/**
 * The comparison lab: what zero-code instrumentation of one app costs, and what it reports.
 *
 * <p>Each package imports only the packages that {@code PackagesTest} lists for it. Every package
 * may throw the exception of this one.
 */
@NullMarked
package lapalma.compare;

import org.jspecify.annotations.NullMarked;
