package lapalma.e2e.fit;

import static java.util.stream.Collectors.toCollection;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import lapalma.e2e.support.OtlpReceiver;
import lapalma.e2e.support.OtlpReceiver.Received;

/** Describes what an app has sent, without what differs between two runs. */
final class TelemetryLines {
  private TelemetryLines() {}

  /** Counts the spans that a caller's span has caused. */
  static long requests(OtlpReceiver receiver, String caller) {
    return receiver.spans().stream()
        .filter(one -> OtlpReceiver.hex(one.item().getParentSpanId()).equals(caller))
        .count();
  }

  /** Returns the names of the instrumentation scopes of spans and metrics. */
  static Set<String> scopes(OtlpReceiver receiver) {
    return Stream.concat(receiver.spans().stream(), receiver.metrics().stream())
        .map(one -> one.scope().getName())
        .collect(toCollection(TreeSet::new));
  }

  /** Returns a line for each span, each log record, and each kind of a metric's points, sorted. */
  static List<String> of(OtlpReceiver receiver) {
    Set<String> points = new TreeSet<>();
    for (Received<Metric> one : receiver.metrics()) {
      points(one.item()).map(attributes -> line(one, attributes)).forEach(points::add);
    }
    List<Received<Span>> spans = receiver.spans();
    Map<ByteString, Span> byId = new HashMap<>();
    spans.forEach(one -> byId.put(one.item().getSpanId(), one.item()));
    List<String> lines = new ArrayList<>(points);
    spans.forEach(one -> lines.add(line(one, byId.get(one.item().getParentSpanId()))));
    receiver.logs().forEach(one -> lines.add(line(one)));
    lines.sort(null);
    return lines;
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

  private static String line(Received<Metric> one, List<KeyValue> attributes) {
    Metric metric = one.item();
    return "%s: metric %s in %s, %s %s"
        .formatted(
            one.scope().getName(),
            metric.getName(),
            metric.getUnit(),
            metric.getDataCase(),
            keys(attributes));
  }

  /** The parent is null unless it was sent too. */
  private static String line(Received<Span> one, Span parent) {
    Span span = one.item();
    return "%s: span %s '%s' below %s, %s %s, %s"
        .formatted(
            one.scope().getName(),
            span.getKind().name().replace("SPAN_KIND_", ""),
            withoutNumbers(span.getName()),
            parent != null
                ? "'" + withoutNumbers(parent.getName()) + "'"
                : span.getParentSpanId().isEmpty() ? "nothing" : "the caller",
            keys(span.getAttributesList()),
            span.getStatus().getCode().name().replace("STATUS_CODE_", ""),
            span.getEventsList().stream().map(Span.Event::getName).toList());
  }

  private static String line(Received<LogRecord> one) {
    LogRecord log = one.item();
    return "%s: log %s '%s' %s%s"
        .formatted(
            one.scope().getName(),
            log.getSeverityText(),
            withoutNumbers(log.getBody().getStringValue()),
            keys(log.getAttributesList()),
            log.getTraceId().isEmpty() ? "" : " in a span");
  }

  /** Times, ports, ids and names with an id are a run's own. */
  private static String withoutNumbers(String text) {
    return text.replaceAll("(?i)@[0-9a-f]+|[0-9a-f-]{8,}|[0-9a-f]*[0-9][0-9a-f]*", "#");
  }

  private static Set<String> keys(List<KeyValue> attributes) {
    return attributes.stream().map(KeyValue::getKey).collect(toCollection(TreeSet::new));
  }
}
