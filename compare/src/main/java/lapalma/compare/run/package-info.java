/** Plans a run and carries it out, trial by trial. */
package lapalma.compare.run;
