package lapalma.compare.score;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lapalma.compare.backend.Otlp;
import lapalma.compare.result.Score.Verdict;

/** What one process sends, put together for a test. */
final class Sent {
  static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  static final Map<String, String> RESOURCE =
      Map.of(
          "service.name", "dice",
          "service.instance.id", "i-1",
          "telemetry.sdk.language", "java",
          "process.runtime.version", "17.0.15+6");

  private final Resource resource;
  private final Otlp otlp = new Otlp(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());

  private Sent(Map<String, String> resource) {
    this.resource = Resource.newBuilder().addAllAttributes(attributes(resource)).build();
  }

  static Sent from(Map<String, String> resource) {
    return new Sent(resource);
  }

  static Sent byDice() {
    return new Sent(RESOURCE);
  }

  Sent span(SpanKind kind, String name, String id, String parent, Map<String, String> attributes) {
    return span(
        Span.newBuilder()
            .setKind(kind)
            .setName(name)
            .setTraceId(bytes(TRACE))
            .setSpanId(bytes(id))
            .setParentSpanId(bytes(parent))
            .setEndTimeUnixNano(4_999_999)
            .addAllAttributes(attributes(attributes)));
  }

  Sent span(Span.Builder span) {
    otlp.spans().add(new Otlp.From<>(resource, span.build()));
    return this;
  }

  Sent counter(String name, String unit, Map<String, String> attributes) {
    var point = NumberDataPoint.newBuilder().addAllAttributes(attributes(attributes));
    return metric(
        Metric.newBuilder()
            .setName(name)
            .setUnit(unit)
            .setSum(Sum.newBuilder().addDataPoints(point)));
  }

  Sent histogram(String name, String unit, Double... bounds) {
    var point = HistogramDataPoint.newBuilder().addAllExplicitBounds(List.of(bounds));
    return metric(
        Metric.newBuilder()
            .setName(name)
            .setUnit(unit)
            .setHistogram(Histogram.newBuilder().addDataPoints(point)));
  }

  private Sent metric(Metric.Builder metric) {
    otlp.metrics().add(new Otlp.From<>(resource, metric.build()));
    return this;
  }

  Sent log(SeverityNumber number, String text, Map<String, String> attributes) {
    otlp.logs()
        .add(
            new Otlp.From<>(
                resource,
                LogRecord.newBuilder()
                    .setSeverityNumber(number)
                    .setSeverityText(text)
                    .setBody(AnyValue.newBuilder().setStringValue("Dice rolled"))
                    .addAllAttributes(attributes(attributes))
                    .build()));
    return this;
  }

  Arrived arrived(Sent... others) {
    List<Otlp> processes = new ArrayList<>(List.of(otlp));
    for (Sent other : others) {
      processes.add(other.otlp);
    }
    return new Arrived(processes, Set.of("00f067aa0ba902b7"));
  }

  /** Returns the verdict of a rule. */
  static Verdict of(List<Verdict> verdicts, Rule rule) {
    return verdicts.stream().filter(one -> one.id().equals(rule.id())).findFirst().orElseThrow();
  }

  static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  private static List<KeyValue> attributes(Map<String, String> values) {
    return values.entrySet().stream()
        .map(
            entry ->
                KeyValue.newBuilder()
                    .setKey(entry.getKey())
                    .setValue(AnyValue.newBuilder().setStringValue(entry.getValue()))
                    .build())
        .toList();
  }
}
