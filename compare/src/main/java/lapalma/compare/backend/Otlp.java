package lapalma.compare.backend;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BinaryNode;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import lapalma.compare.LabException;

/** What arrived over OTLP (HTTP and protobuf), as it was sent. */
public record Otlp(List<From<Span>> spans, List<From<Metric>> metrics, List<From<LogRecord>> logs) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> IDS = Set.of("traceId", "spanId", "parentSpanId");

  /** A span, metric or log record, and the resource that it comes from. */
  public record From<T>(Resource resource, T item) {}

  /**
   * Reads all requests that carry telemetry.
   *
   * @throws LabException when one of them cannot be read
   */
  public static Otlp of(List<CapturedRequest> requests) {
    try {
      return read(requests);
    } catch (IOException e) {
      throw LabException.because("A request over OTLP cannot be read", e);
    }
  }

  /**
   * Reads files of OTLP/JSON, each with one message, or with one after the other as the Collector's
   * file exporter writes them.
   *
   * @throws LabException when one is no such file
   */
  public static Otlp ofJson(List<Path> files) {
    List<CapturedRequest> requests = new ArrayList<>();
    for (Path file : files) {
      try (MappingIterator<JsonNode> messages =
          JSON.readerFor(JsonNode.class).readValues(file.toFile())) {
        while (messages.hasNext()) {
          requests.add(request(messages.next()));
        }
      } catch (IOException | IllegalArgumentException e) {
        throw LabException.because("%s is no file of OTLP/JSON".formatted(file), e);
      }
    }
    return of(requests);
  }

  private static CapturedRequest request(JsonNode message) throws IOException {
    Message.Builder builder;
    String path;
    if (message.has("resourceSpans")) {
      builder = ExportTraceServiceRequest.newBuilder();
      path = "/v1/traces";
    } else if (message.has("resourceMetrics")) {
      builder = ExportMetricsServiceRequest.newBuilder();
      path = "/v1/metrics";
    } else if (message.has("resourceLogs")) {
      builder = ExportLogsServiceRequest.newBuilder();
      path = "/v1/logs";
    } else {
      throw new IOException(
          "a message has none of resourceSpans, resourceMetrics and resourceLogs");
    }
    encodeIds(message);
    JsonFormat.parser().ignoringUnknownFields().merge(message.toString(), builder);
    return new CapturedRequest(path, builder.build().toByteArray());
  }

  /** OTLP/JSON has ids in hexadecimal digits, where the JSON of protobuf has Base64. */
  private static void encodeIds(JsonNode node) {
    for (var field : node.properties()) {
      if (field.getValue().isTextual() && IDS.contains(field.getKey())) {
        byte[] id = HexFormat.of().parseHex(field.getValue().textValue());
        field.setValue(BinaryNode.valueOf(id));
      }
    }
    node.forEach(Otlp::encodeIds);
  }

  static Otlp read(List<CapturedRequest> requests) throws IOException {
    List<From<Span>> spans = new ArrayList<>();
    List<From<Metric>> metrics = new ArrayList<>();
    List<From<LogRecord>> logs = new ArrayList<>();
    for (CapturedRequest request : requests) {
      switch (request.path()) {
        case "/v1/traces" -> {
          for (var from :
              ExportTraceServiceRequest.parseFrom(request.body()).getResourceSpansList()) {
            from.getScopeSpansList().stream()
                .flatMap(scope -> scope.getSpansList().stream())
                .forEach(span -> spans.add(new From<>(from.getResource(), span)));
          }
        }
        case "/v1/metrics" -> {
          for (var from :
              ExportMetricsServiceRequest.parseFrom(request.body()).getResourceMetricsList()) {
            from.getScopeMetricsList().stream()
                .flatMap(scope -> scope.getMetricsList().stream())
                .forEach(metric -> metrics.add(new From<>(from.getResource(), metric)));
          }
        }
        case "/v1/logs" -> {
          for (var from :
              ExportLogsServiceRequest.parseFrom(request.body()).getResourceLogsList()) {
            from.getScopeLogsList().stream()
                .flatMap(scope -> scope.getLogRecordsList().stream())
                .forEach(log -> logs.add(new From<>(from.getResource(), log)));
          }
        }
        default -> {
          // A question, such as the one for the sampling rate.
        }
      }
    }
    return new Otlp(spans, metrics, logs);
  }

  /** Returns the spans and log records of this, and the metrics of another. */
  public Otlp withMetricsOf(Otlp other) {
    return new Otlp(spans, other.metrics, logs);
  }
}
