/** What a run found, and the folder of files that keeps it. */
package lapalma.compare.result;
