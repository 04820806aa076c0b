/** The command line: a class for each command. */
@NullMarked
package lapalma.compare.cli;

import org.jspecify.annotations.NullMarked;
