/** Compares the rows of a table: intervals, tests, and the correction for many comparisons. */
@NullMarked
package lapalma.compare.stats;

import org.jspecify.annotations.NullMarked;
