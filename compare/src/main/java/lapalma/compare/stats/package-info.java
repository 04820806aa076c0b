/** Compares the values of trials: intervals, tests, and the correction for many comparisons. */
package lapalma.compare.stats;
