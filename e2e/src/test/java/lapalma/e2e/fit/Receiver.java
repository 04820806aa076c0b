package lapalma.e2e.fit;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Receives what an app sends over OTLP (HTTP and protobuf), and describes it without what differs
 * between two runs. To any other request it answers a price.
 */
final class Receiver implements AutoCloseable {
  private record Scoped<T>(String scope, T item) {}

  private final HttpServer server;
  private final List<Scoped<Span>> spans = new ArrayList<>();
  private final Set<String> metrics = new TreeSet<>();
  private final List<String> logs = new ArrayList<>();
  private final Set<String> scopes = new TreeSet<>();
  private int exportsOfMetrics;

  private Receiver(HttpServer server) {
    this.server = server;
  }

  static Receiver start() throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    var receiver = new Receiver(server);
    server.createContext("/", receiver::receive);
    server.start();
    return receiver;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      byte[] answer = {};
      switch (exchange.getRequestURI().getPath()) {
        case "/v1/traces" -> spans(ExportTraceServiceRequest.parseFrom(body));
        case "/v1/metrics" -> metrics(ExportMetricsServiceRequest.parseFrom(body));
        case "/v1/logs" -> logs(ExportLogsServiceRequest.parseFrom(body));
        default -> answer = "9.99".getBytes(StandardCharsets.US_ASCII);
      }
      exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
      exchange.getResponseBody().write(answer);
    } catch (IOException | RuntimeException e) {
      // The server would swallow it.
      e.printStackTrace();
      throw e instanceof IOException one ? new UncheckedIOException(one) : (RuntimeException) e;
    }
  }

  private synchronized void spans(ExportTraceServiceRequest request) {
    for (var resource : request.getResourceSpansList()) {
      for (var scope : resource.getScopeSpansList()) {
        scopes.add(scope.getScope().getName());
        for (Span span : scope.getSpansList()) {
          spans.add(new Scoped<>(scope.getScope().getName(), span));
        }
      }
    }
  }

  private synchronized void metrics(ExportMetricsServiceRequest request) {
    exportsOfMetrics++;
    for (var resource : request.getResourceMetricsList()) {
      for (var scope : resource.getScopeMetricsList()) {
        scopes.add(scope.getScope().getName());
        for (Metric metric : scope.getMetricsList()) {
          points(metric)
              .forEach(
                  attributes ->
                      metrics.add(
                          "%s: metric %s in %s, %s %s"
                              .formatted(
                                  scope.getScope().getName(),
                                  metric.getName(),
                                  metric.getUnit(),
                                  metric.getDataCase(),
                                  keys(attributes))));
        }
      }
    }
  }

  private static Stream<List<KeyValue>> points(Metric metric) {
    return switch (metric.getDataCase()) {
      case GAUGE ->
          metric.getGauge().getDataPointsList().stream().map(point -> point.getAttributesList());
      case SUM ->
          metric.getSum().getDataPointsList().stream().map(point -> point.getAttributesList());
      case HISTOGRAM ->
          metric.getHistogram().getDataPointsList().stream()
              .map(point -> point.getAttributesList());
      default -> throw new IllegalStateException("No agent sends " + metric.getDataCase());
    };
  }

  private synchronized void logs(ExportLogsServiceRequest request) {
    for (var resource : request.getResourceLogsList()) {
      for (var scope : resource.getScopeLogsList()) {
        for (var one : scope.getLogRecordsList()) {
          logs.add(
              "%s: log %s '%s' %s%s"
                  .formatted(
                      scope.getScope().getName(),
                      one.getSeverityText(),
                      withoutNumbers(one.getBody().getStringValue()),
                      keys(one.getAttributesList()),
                      one.getTraceId().isEmpty() ? "" : " in a span"));
        }
      }
    }
  }

  /** Times, ports, ids and names with an id are a run's own. */
  private static String withoutNumbers(String text) {
    return text.replaceAll("@[0-9a-f]+|[0-9a-f-]{8,}|[0-9a-f]*[0-9][0-9a-f]*", "#");
  }

  private static Set<String> keys(List<KeyValue> attributes) {
    Set<String> keys = new TreeSet<>();
    attributes.forEach(attribute -> keys.add(attribute.getKey()));
    return keys;
  }

  /** Returns how many times metrics came. */
  synchronized int exportsOfMetrics() {
    return exportsOfMetrics;
  }

  synchronized long serverSpans() {
    return spans.stream()
        .filter(one -> one.item.getKind() == Span.SpanKind.SPAN_KIND_SERVER)
        .count();
  }

  /** Returns the names of the instrumentation scopes of spans and metrics. */
  synchronized Set<String> scopes() {
    return new TreeSet<>(scopes);
  }

  /** Returns a line for each span, each log record, and each kind of a metric's points, sorted. */
  synchronized List<String> lines() {
    Map<ByteString, Scoped<Span>> byId = new HashMap<>();
    spans.forEach(one -> byId.put(one.item.getSpanId(), one));
    List<String> lines = new ArrayList<>(metrics);
    lines.addAll(logs);
    for (Scoped<Span> one : spans) {
      Span span = one.item;
      Scoped<Span> parent = byId.get(span.getParentSpanId());
      lines.add(
          "%s: span %s '%s' below %s, %s %s, %s"
              .formatted(
                  one.scope,
                  span.getKind().name().replace("SPAN_KIND_", ""),
                  withoutNumbers(span.getName()),
                  parent != null
                      ? "'" + withoutNumbers(parent.item.getName()) + "'"
                      : span.getParentSpanId().isEmpty() ? "nothing" : "the caller",
                  keys(span.getAttributesList()),
                  span.getStatus().getCode().name().replace("STATUS_CODE_", ""),
                  span.getEventsList().stream().map(Span.Event::getName).toList()));
    }
    lines.sort(null);
    return lines;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
