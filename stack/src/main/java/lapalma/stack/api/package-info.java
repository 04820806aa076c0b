/** Clients of the query APIs of Jaeger, Prometheus and VictoriaLogs. */
@NullMarked
package lapalma.stack.api;

import org.jspecify.annotations.NullMarked;
