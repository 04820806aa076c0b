package lapalma.e2e.support;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** Receives spans and log records, and samples all. */
public final class OtlpSink implements AutoCloseable {
  private static final byte[] ALL_TRACES =
      "{\"strategyType\":\"PROBABILISTIC\",\"probabilisticSampling\":{\"samplingRate\":1}}"
          .getBytes(java.nio.charset.StandardCharsets.UTF_8);

  private final HttpServer server =
      HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  private final ConcurrentLinkedQueue<String> spans = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> logs = new ConcurrentLinkedQueue<>();

  public OtlpSink() throws IOException {
    server.createContext("/v1/traces", exchange -> answer(exchange, this::takeSpans));
    server.createContext("/v1/logs", exchange -> answer(exchange, this::takeLogs));
    server.createContext("/sampling", exchange -> answer(exchange, InputStream::readAllBytes));
    server.start();
  }

  private interface Taker {
    void take(InputStream body) throws IOException;
  }

  private static void answer(HttpExchange exchange, Taker taker) throws IOException {
    try (exchange) {
      boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
      InputStream body = exchange.getRequestBody();
      taker.take(zipped ? new GZIPInputStream(body) : body);
      boolean asks = exchange.getRequestMethod().equals("GET");
      exchange.sendResponseHeaders(200, asks ? ALL_TRACES.length : -1);
      if (asks) {
        exchange.getResponseBody().write(ALL_TRACES);
      }
    }
  }

  private void takeSpans(InputStream body) throws IOException {
    for (var resource : ExportTraceServiceRequest.parseFrom(body).getResourceSpansList()) {
      for (var scope : resource.getScopeSpansList()) {
        scope
            .getSpansList()
            .forEach(
                span ->
                    spans.add(
                        "%s %s %s %s %s"
                            .formatted(
                                scope.getScope().getName(),
                                span.getKind(),
                                span.getName(),
                                span.getParentSpanId().isEmpty() ? "root" : "child",
                                keys(span.getAttributesList()))));
      }
    }
  }

  private void takeLogs(InputStream body) throws IOException {
    for (var resource : ExportLogsServiceRequest.parseFrom(body).getResourceLogsList()) {
      for (var scope : resource.getScopeLogsList()) {
        scope
            .getLogRecordsList()
            .forEach(
                one ->
                    logs.add(
                        "%s %s %s %s %s"
                            .formatted(
                                scope.getScope().getName(),
                                one.getSeverityText(),
                                one.getBody().getStringValue(),
                                one.getTraceId().isEmpty() ? "alone" : "of a trace",
                                keys(one.getAttributesList()))));
      }
    }
  }

  private static String keys(List<KeyValue> attributes) {
    return attributes.stream().map(KeyValue::getKey).sorted().collect(Collectors.joining(","));
  }

  /** The spans so far: scope, kind, name, whether it has a parent, keys of its attributes. */
  public List<String> spans() {
    return spans.stream().sorted().toList();
  }

  /** The log records so far: scope, severity, body, whether it has a trace, keys. */
  public List<String> logs() {
    return logs.stream().sorted().toList();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
