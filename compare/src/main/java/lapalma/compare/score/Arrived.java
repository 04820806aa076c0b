package lapalma.compare.score;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import lapalma.compare.backend.Otlp;
import lapalma.compare.backend.Otlp.From;

/**
 * What arrived from a variant.
 *
 * @param processes what each process of the variant sent
 * @param callers span ids, in hexadecimal digits, that the lab sent as those of its own spans
 */
public record Arrived(List<Otlp> processes, Set<String> callers) {

  List<From<Span>> spans() {
    return processes.stream().flatMap(process -> process.spans().stream()).toList();
  }

  List<From<Metric>> metrics() {
    return processes.stream().flatMap(process -> process.metrics().stream()).toList();
  }

  List<From<LogRecord>> logs() {
    return processes.stream().flatMap(process -> process.logs().stream()).toList();
  }

  /** Returns the resources of all signals, each once. */
  List<Resource> resources() {
    return processes.stream().flatMap(Arrived::resources).distinct().toList();
  }

  static Stream<Resource> resources(Otlp process) {
    return Stream.<List<? extends From<?>>>of(process.spans(), process.metrics(), process.logs())
        .flatMap(List::stream)
        .map(From::resource)
        .distinct();
  }

  /** Returns the attributes of each data point of a metric. */
  static List<List<KeyValue>> points(Metric metric) {
    return switch (metric.getDataCase()) {
      case GAUGE -> map(metric.getGauge().getDataPointsList(), NumberDataPoint::getAttributesList);
      case SUM -> map(metric.getSum().getDataPointsList(), NumberDataPoint::getAttributesList);
      case HISTOGRAM ->
          map(metric.getHistogram().getDataPointsList(), HistogramDataPoint::getAttributesList);
      case EXPONENTIAL_HISTOGRAM ->
          map(
              metric.getExponentialHistogram().getDataPointsList(),
              ExponentialHistogramDataPoint::getAttributesList);
      case SUMMARY ->
          map(metric.getSummary().getDataPointsList(), SummaryDataPoint::getAttributesList);
      case DATA_NOT_SET -> List.of();
    };
  }

  private static <T> List<List<KeyValue>> map(
      List<T> points, Function<T, List<KeyValue>> attributes) {
    return points.stream().map(attributes).toList();
  }

  /** Returns the value of a text attribute, if it has one that is not empty. */
  static Optional<String> text(List<KeyValue> attributes, String key) {
    return attributes.stream()
        .filter(pair -> pair.getKey().equals(key))
        .map(pair -> pair.getValue().getStringValue())
        .filter(value -> !value.isEmpty())
        .findFirst();
  }
}
