/** Compares the values of trials: intervals, tests, and the correction for many comparisons. */
@NullMarked
package lapalma.compare.stats;

import org.jspecify.annotations.NullMarked;
