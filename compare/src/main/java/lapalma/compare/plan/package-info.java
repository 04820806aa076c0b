/** The plan of a run: variants of the app, the work that they get, and the load of a trial. */
@NullMarked
package lapalma.compare.plan;

import org.jspecify.annotations.NullMarked;
