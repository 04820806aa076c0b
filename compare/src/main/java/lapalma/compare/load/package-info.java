/** The load generators, and what they report of the requests they sent. */
@NullMarked
package lapalma.compare.load;

import org.jspecify.annotations.NullMarked;
