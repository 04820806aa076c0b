/** The results of a run, and the folder of files that keeps them. */
@NullMarked
package lapalma.compare.result;

import org.jspecify.annotations.NullMarked;
