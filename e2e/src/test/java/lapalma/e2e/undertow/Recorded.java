package lapalma.e2e.undertow;

import static lapalma.e2e.support.OtlpReceiver.hex;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import lapalma.e2e.support.OtlpReceiver;
import lapalma.e2e.support.OtlpReceiver.Received;

/** Tells all that is in the spans and series that a collector got. */
record Recorded(OtlpReceiver receiver) {

  /** Returns the newest count of each series. */
  Map<Map<String, String>, Long> series() {
    Map<Map<String, String>, Long> series = new HashMap<>();
    for (Received<Metric> one : receiver.metrics()) {
      Metric metric = one.item();
      for (HistogramDataPoint point : metric.getHistogram().getDataPointsList()) {
        Map<String, String> fields = attributes(point.getAttributesList());
        fields.put(
            "metric",
            "%s in %s: %s, of %s, buckets %s"
                .formatted(
                    metric.getName(),
                    metric.getUnit(),
                    metric.getDescription(),
                    origin(one),
                    point.getExplicitBoundsList()));
        series.put(fields, point.getCount());
      }
      if (!metric.hasHistogram() && metric.getName().startsWith("http.")) {
        series.put(Map.of("metric", metric.toString()), 0L);
      }
    }
    return series;
  }

  /**
   * Returns the fields of the spans of each request by their kind and in the order in which they
   * began. In place of IDs, they have the names of the parent and of the request.
   *
   * @param names the names of the requests by their trace
   */
  Map<String, List<Map<String, String>>> spans(Map<String, String> names) {
    List<Received<Span>> spans = receiver.spans();
    Map<String, Span> byId = new HashMap<>();
    spans.forEach(one -> byId.put(hex(one.item().getSpanId()), one.item()));
    return spans.stream()
        .sorted(
            Comparator.<Received<Span>, Integer>comparing(one -> one.item().getKindValue())
                .reversed()
                .thenComparing(one -> one.item().getStartTimeUnixNano()))
        .collect(
            Collectors.groupingBy(
                one -> names.getOrDefault(hex(one.item().getTraceId()), "without a caller"),
                TreeMap::new,
                Collectors.mapping(one -> fields(one, byId), Collectors.toList())));
  }

  private static Map<String, String> fields(Received<Span> one, Map<String, Span> byId) {
    Span span = one.item();
    Map<String, String> fields = attributes(span.getAttributesList());
    fields.put("name", span.getName());
    fields.put("kind", span.getKind().name());
    fields.put("status", span.getStatus().getCode() + " " + span.getStatus().getMessage());
    fields.put("parent", parent(span, byId));
    fields.put("trace state", span.getTraceState());
    fields.put("flags", Integer.toHexString(span.getFlags()));
    fields.put("origin", origin(one));
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

  private static String origin(Received<?> one) {
    return "%s %s %s %s"
        .formatted(
            one.scope().getName(),
            one.scope().getVersion(),
            attributes(one.scope().getAttributesList()),
            one.schemaUrl());
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
}
