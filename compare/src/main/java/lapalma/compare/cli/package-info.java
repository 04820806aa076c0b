/** The command line: a class for each command. */
package lapalma.compare.cli;
