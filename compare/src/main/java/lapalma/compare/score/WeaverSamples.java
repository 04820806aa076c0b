package lapalma.compare.score;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import lapalma.compare.backend.Otlp.From;

/** What arrived, as the file of samples that Weaver's live-check reads. */
final class WeaverSamples {
  private final List<Map<String, Object>> samples = new ArrayList<>();

  private WeaverSamples() {}

  static List<Map<String, Object>> of(Arrived arrived) {
    var all = new WeaverSamples();
    // A sample belongs to the resource that stands last before it.
    for (Resource resource : arrived.resources()) {
      all.add("resource", Map.of("attributes", attributes(resource.getAttributesList())));
      all.from(resource, arrived.spans(), span -> all.add("span", span(span)));
      all.from(resource, arrived.metrics(), metric -> all.add("metric", metric(metric)));
      all.from(resource, arrived.logs(), log -> all.add("log", log(log)));
    }
    return all.samples;
  }

  private <T> void from(Resource resource, List<From<T>> items, Consumer<T> receiver) {
    items.stream()
        .filter(from -> from.resource().equals(resource))
        .map(From::item)
        .forEach(receiver);
  }

  private void add(String kind, Map<String, Object> sample) {
    samples.add(Map.of(kind, sample));
  }

  private static Map<String, Object> span(Span span) {
    String kind = span.getKind().name().replace("SPAN_KIND_", "").toLowerCase(Locale.ROOT);
    return Map.of(
        "name",
        span.getName(),
        "kind",
        kind.equals("unspecified") ? "internal" : kind,
        "attributes",
        attributes(span.getAttributesList()),
        "span_events",
        span.getEventsList().stream()
            .map(
                event ->
                    Map.of(
                        "name",
                        event.getName(),
                        "attributes",
                        attributes(event.getAttributesList())))
            .toList());
  }

  private static Map<String, Object> metric(Metric metric) {
    List<Map<String, Object>> points = new ArrayList<>();
    for (List<KeyValue> point : Arrived.points(metric)) {
      Map<String, Object> sample = new HashMap<>(Map.of("attributes", attributes(point)));
      // The conventions say nothing of values.
      if (metric.hasHistogram() || metric.hasExponentialHistogram()) {
        sample.put("count", 0);
        sample.put("sum", 0.0);
      } else {
        sample.put("value", 0);
      }
      points.add(sample);
    }
    return Map.of(
        "name",
        metric.getName(),
        "unit",
        metric.getUnit(),
        "instrument",
        instrument(metric),
        "data_points",
        points);
  }

  private static String instrument(Metric metric) {
    return switch (metric.getDataCase()) {
      case GAUGE, SUMMARY, DATA_NOT_SET -> "gauge";
      case SUM -> metric.getSum().getIsMonotonic() ? "counter" : "updowncounter";
      case HISTOGRAM, EXPONENTIAL_HISTOGRAM -> "histogram";
    };
  }

  private static Map<String, Object> log(LogRecord log) {
    return Map.of(
        "event_name",
        log.getEventName(),
        "severity_text",
        log.getSeverityText(),
        "attributes",
        attributes(log.getAttributesList()));
  }

  private static List<Map<String, Object>> attributes(List<KeyValue> pairs) {
    return pairs.stream()
        .map(pair -> Map.of("name", pair.getKey(), "value", value(pair.getValue())))
        .toList();
  }

  private static Object value(AnyValue value) {
    return switch (value.getValueCase()) {
      case INT_VALUE -> value.getIntValue();
      case DOUBLE_VALUE -> value.getDoubleValue();
      case BOOL_VALUE -> value.getBoolValue();
      case ARRAY_VALUE ->
          value.getArrayValue().getValuesList().stream().map(WeaverSamples::value).toList();
      default -> value.getStringValue();
    };
  }
}
