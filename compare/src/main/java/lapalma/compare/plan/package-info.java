/** What a run measures: variants of the app, the work that they get, and the load of a trial. */
package lapalma.compare.plan;
