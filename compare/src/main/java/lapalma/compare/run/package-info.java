/** Plans a run and carries it out, trial by trial. */
@NullMarked
package lapalma.compare.run;

import org.jspecify.annotations.NullMarked;
