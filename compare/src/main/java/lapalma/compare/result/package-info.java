/** What a run found, and the folder of files that keeps it. */
@NullMarked
package lapalma.compare.result;

import org.jspecify.annotations.NullMarked;
