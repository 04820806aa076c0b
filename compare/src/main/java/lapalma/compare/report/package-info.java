/** Writes a run's report: a page, a Markdown file, and the figures behind them. */
package lapalma.compare.report;
