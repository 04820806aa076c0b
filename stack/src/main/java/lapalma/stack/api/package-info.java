/** Clients of the query APIs of Jaeger and Prometheus. */
@NullMarked
package lapalma.stack.api;

import org.jspecify.annotations.NullMarked;
