package lapalma.e2e.undertow;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** Takes spans and series over OTLP (HTTP and protobuf), and tells all that is in them. */
final class OtlpReceiver implements AutoCloseable {
  /** A span and where it comes from. */
  private record Arrived(Span span, InstrumentationScope scope, String schema) {}

  private final HttpServer server;
  private final List<Arrived> spans = new CopyOnWriteArrayList<>();

  /** The newest value of each series. */
  private final Map<Map<String, String>, Long> series = new ConcurrentHashMap<>();

  OtlpReceiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/traces",
        exchange -> {
          try (InputStream body = exchange.getRequestBody()) {
            takeSpans(ExportTraceServiceRequest.parseFrom(body));
          }
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.createContext(
        "/v1/metrics",
        exchange -> {
          try (InputStream body = exchange.getRequestBody()) {
            takeSeries(ExportMetricsServiceRequest.parseFrom(body));
          }
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void takeSpans(ExportTraceServiceRequest request) {
    for (var resource : request.getResourceSpansList()) {
      for (var scope : resource.getScopeSpansList()) {
        scope
            .getSpansList()
            .forEach(span -> spans.add(new Arrived(span, scope.getScope(), scope.getSchemaUrl())));
      }
    }
  }

  private void takeSeries(ExportMetricsServiceRequest request) {
    for (var resource : request.getResourceMetricsList()) {
      for (var scope : resource.getScopeMetricsList()) {
        for (var metric : scope.getMetricsList()) {
          for (HistogramDataPoint point : metric.getHistogram().getDataPointsList()) {
            Map<String, String> fields = attributes(point.getAttributesList());
            fields.put(
                "metric",
                "%s in %s: %s, of %s, buckets %s"
                    .formatted(
                        metric.getName(),
                        metric.getUnit(),
                        metric.getDescription(),
                        origin(scope.getScope(), scope.getSchemaUrl()),
                        point.getExplicitBoundsList()));
            series.put(fields, point.getCount());
          }
          if (!metric.hasHistogram() && metric.getName().startsWith("http.")) {
            series.put(Map.of("metric", metric.toString()), 0L);
          }
        }
      }
    }
  }

  /** Returns all series and their counts. */
  Map<Map<String, String>, Long> series() {
    return Map.copyOf(series);
  }

  /**
   * Returns the fields of the spans of each request by their kind and in the order in which they
   * began. In place of IDs, they have the names of the parent and of the request.
   *
   * @param names the names of the requests by their trace
   */
  Map<String, List<Map<String, String>>> spans(Map<String, String> names) {
    Map<String, Span> byId =
        spans.stream()
            .map(Arrived::span)
            .collect(Collectors.toMap(span -> hex(span.getSpanId()), span -> span, (a, b) -> b));
    return spans.stream()
        .sorted(
            Comparator.<Arrived, Integer>comparing(arrived -> arrived.span().getKindValue())
                .reversed()
                .thenComparing(arrived -> arrived.span().getStartTimeUnixNano()))
        .collect(
            Collectors.groupingBy(
                arrived -> names.getOrDefault(hex(arrived.span().getTraceId()), "without a caller"),
                TreeMap::new,
                Collectors.mapping(arrived -> fields(arrived, byId), Collectors.toList())));
  }

  private static Map<String, String> fields(Arrived arrived, Map<String, Span> byId) {
    Span span = arrived.span();
    Map<String, String> fields = attributes(span.getAttributesList());
    fields.put("name", span.getName());
    fields.put("kind", span.getKind().name());
    fields.put("status", span.getStatus().getCode() + " " + span.getStatus().getMessage());
    fields.put("parent", parent(span, byId));
    fields.put("trace state", span.getTraceState());
    fields.put("flags", Integer.toHexString(span.getFlags()));
    fields.put("origin", origin(arrived.scope(), arrived.schema()));
    List<String> events = new ArrayList<>();
    span.getEventsList()
        .forEach(event -> events.add(event.getName() + attributes(event.getAttributesList())));
    fields.put("events", events.toString());
    fields.put("links", span.getLinksList().toString());
    return fields;
  }

  private static String parent(Span span, Map<String, Span> byId) {
    String id = hex(span.getParentSpanId());
    if (byId.containsKey(id)) {
      Span parent = byId.get(id);
      return parent.getKind() + " " + parent.getName();
    }
    return id.equals(AwkwardRequests.callersSpan(hex(span.getTraceId()))) ? "the caller" : id;
  }

  private static String origin(InstrumentationScope scope, String schema) {
    return "%s %s %s %s"
        .formatted(
            scope.getName(), scope.getVersion(), attributes(scope.getAttributesList()), schema);
  }

  private static Map<String, String> attributes(List<KeyValue> attributes) {
    Map<String, String> texts = new TreeMap<>();
    attributes.forEach(one -> texts.put(one.getKey(), text(one.getValue())));
    return texts;
  }

  private static String text(AnyValue value) {
    // The name of its type tells 1 from "1".
    return value.toString().strip();
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
