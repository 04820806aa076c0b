/** Writes a run's report: a page, a Markdown file, and the figures behind them. */
@NullMarked
package lapalma.compare.report;

import org.jspecify.annotations.NullMarked;
