package lapalma.dice;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.io.StringWriter;
import java.util.regex.Pattern;

/**
 * {@code GET /metrics}: OpenMetrics, which carries exemplars, for clients that accept it, and the
 * Prometheus text format for all others.
 */
final class MetricsHandler implements HttpHandler {
  /** Not {@link TextFormat#chooseContentType}, which throws on a range such as {@code ;}. */
  private static final Pattern ACCEPTS_OPENMETRICS =
      Pattern.compile("(?i)(^|,)\\s*application/openmetrics-text\\s*(;|,|$)");

  private final CollectorRegistry registry;

  MetricsHandler(CollectorRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws IOException {
    String contentType = contentType(exchange.getRequestHeaders().getFirst(Headers.ACCEPT));
    var page = new StringWriter();
    TextFormat.writeFormat(contentType, page, registry.metricFamilySamples());
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, contentType);
    exchange.getResponseSender().send(page.toString());
  }

  private static String contentType(String accept) {
    return accept != null && ACCEPTS_OPENMETRICS.matcher(accept).find()
        ? TextFormat.CONTENT_TYPE_OPENMETRICS_100
        : TextFormat.CONTENT_TYPE_004;
  }
}
