package lapalma.dice;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.io.StringWriter;

/**
 * {@code GET /metrics}: OpenMetrics, which carries exemplars, to who accepts it, the Prometheus
 * text format to others.
 */
final class MetricsHandler implements HttpHandler {
  private final CollectorRegistry registry;

  MetricsHandler(CollectorRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws IOException {
    String contentType =
        TextFormat.chooseContentType(exchange.getRequestHeaders().getFirst(Headers.ACCEPT));
    var page = new StringWriter();
    TextFormat.writeFormat(contentType, page, registry.metricFamilySamples());
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, contentType);
    exchange.getResponseSender().send(page.toString());
  }
}
