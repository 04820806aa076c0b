/** An app to measure: the least that gives the answer of the dice server. */
package lapalma.hello;
