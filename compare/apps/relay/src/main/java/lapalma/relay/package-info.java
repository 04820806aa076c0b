/** An app to measure: it calls another service for each request. */
package lapalma.relay;
