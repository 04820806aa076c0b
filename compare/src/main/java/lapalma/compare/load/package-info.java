/** The load generators, and what they report of the requests they sent. */
package lapalma.compare.load;
