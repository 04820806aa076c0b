package lapalma.compare.backend;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import lapalma.compare.LabException;

/** What arrived over OTLP (HTTP and protobuf), as it was sent. */
public record Otlp(List<From<Span>> spans, List<From<Metric>> metrics, List<From<LogRecord>> logs) {

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
