package lapalma.compare.backend;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/** Reads OTLP over HTTP as protobuf, with the stable and the old names of attributes. */
final class OtlpDecoder implements Decoder {
  /** The fields that lead from a request to its spans. */
  private static final int[] TO_SPANS = {
    ExportTraceServiceRequest.RESOURCE_SPANS_FIELD_NUMBER,
    ResourceSpans.SCOPE_SPANS_FIELD_NUMBER,
    ScopeSpans.SPANS_FIELD_NUMBER
  };

  @Override
  public void read(CapturedRequest request, Telemetry telemetry) throws IOException {
    Otlp otlp = Otlp.read(List.of(request));
    otlp.spans().forEach(from -> telemetry.add(span(from.item())));
    otlp.metrics().forEach(from -> telemetry.add(metric(from.item())));
    otlp.logs()
        .forEach(
            from ->
                telemetry.add(
                    new Telemetry.LogRecord(
                        from.item().getBody().getStringValue(), hex(from.item().getTraceId()))));
  }

  @Override
  public void readServerSpans(CapturedRequest request, LongConsumer began) throws IOException {
    if (request.path().equals("/v1/traces")) {
      descend(CodedInputStream.newInstance(request.body()), 0, began);
    }
  }

  private static void descend(CodedInputStream in, int depth, LongConsumer began)
      throws IOException {
    if (depth == TO_SPANS.length) {
      readServerSpan(in, began);
      return;
    }
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == TO_SPANS[depth]) {
        int outer = in.pushLimit(in.readRawVarint32());
        descend(in, depth + 1, began);
        in.popLimit(outer);
      } else {
        in.skipField(tag);
      }
    }
  }

  private static void readServerSpan(CodedInputStream in, LongConsumer began) throws IOException {
    boolean server = false;
    long nanos = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case Span.KIND_FIELD_NUMBER ->
            server = in.readEnum() == Span.SpanKind.SPAN_KIND_SERVER_VALUE;
        case Span.START_TIME_UNIX_NANO_FIELD_NUMBER -> nanos = in.readFixed64();
        default -> in.skipField(tag);
      }
    }
    if (server) {
      began.accept(nanos / 1_000_000);
    }
  }

  private static Telemetry.Span span(Span span) {
    Map<String, String> attributes = attributes(span.getAttributesList());
    String target = first(attributes, "url.path", "http.target", "http.url");
    return new Telemetry.Span(
        span.getKind() == Span.SpanKind.SPAN_KIND_SERVER,
        span.getName(),
        hex(span.getTraceId()),
        path(target),
        attributes.getOrDefault("http.route", ""),
        number(first(attributes, "http.response.status_code", "http.status_code")),
        span.getEventsList().stream().anyMatch(event -> event.getName().equals("exception"))
            || attributes.containsKey("exception.type")
            // Datadog's names for the same.
            || attributes.containsKey("error.stack"));
  }

  private static Telemetry.Metric metric(Metric metric) {
    int exemplars = 0;
    for (var point : metric.getHistogram().getDataPointsList()) {
      exemplars += point.getExemplarsCount();
    }
    for (var point : metric.getExponentialHistogram().getDataPointsList()) {
      exemplars += point.getExemplarsCount();
    }
    for (var point : metric.getSum().getDataPointsList()) {
      exemplars += point.getExemplarsCount();
    }
    return new Telemetry.Metric(metric.getName(), exemplars);
  }

  private static Map<String, String> attributes(List<KeyValue> pairs) {
    Map<String, String> attributes = new HashMap<>();
    for (KeyValue pair : pairs) {
      attributes.put(
          pair.getKey(),
          pair.getValue().hasIntValue()
              ? String.valueOf(pair.getValue().getIntValue())
              : pair.getValue().getStringValue());
    }
    return attributes;
  }

  static String first(Map<String, String> attributes, String... names) {
    for (String name : names) {
      String value = attributes.get(name);
      if (value != null) {
        return value;
      }
    }
    return "";
  }

  /** Returns the path of a URL, or of a path with a query. */
  static String path(String url) {
    return url.replaceFirst("^https?://[^/]*", "").replaceFirst("[?#].*", "");
  }

  static int number(String text) {
    return text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
