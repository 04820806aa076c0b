package lapalma.dice;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.ResponseCommitListener;
import io.undertow.util.PathTemplateMatch;

/** Observes each request when its response is committed. */
final class RequestDurations implements HttpHandler {
  private static final String NO_ROUTE = "none";

  private final DiceMetrics metrics;
  private final HttpHandler next;

  RequestDurations(DiceMetrics metrics, HttpHandler next) {
    this.metrics = metrics;
    this.next = next;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Exception {
    long start = System.nanoTime();
    // Not when the exchange completes: the commit still happens inside the handler that answers,
    // where simpleclient finds the current span and keeps its trace id as an exemplar.
    ResponseCommitListener onCommit = committed -> observe(committed, System.nanoTime() - start);
    exchange.addResponseCommitListener(onCommit);
    next.handleRequest(exchange);
  }

  private void observe(HttpServerExchange exchange, long nanos) {
    PathTemplateMatch match = exchange.getAttachment(PathTemplateMatch.ATTACHMENT_KEY);
    metrics.requestAnswered(
        exchange.getRequestMethod().toString(),
        match == null ? NO_ROUTE : match.getMatchedTemplate(),
        exchange.getStatusCode(),
        nanos);
  }
}
