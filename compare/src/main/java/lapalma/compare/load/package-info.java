/** The load generators, and the results of their loads. */
@NullMarked
package lapalma.compare.load;

import org.jspecify.annotations.NullMarked;
