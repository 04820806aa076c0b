/** The fake backend to which an agent sends, and the decoders of what it receives. */
@NullMarked
package lapalma.compare.backend;

import org.jspecify.annotations.NullMarked;
