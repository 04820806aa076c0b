/** An app to measure: the smallest one with the answer of dice. */
package lapalma.hello;
