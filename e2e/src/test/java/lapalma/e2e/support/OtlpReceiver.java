package lapalma.e2e.support;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Headers;
import okhttp3.Protocol;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.Buffer;

/**
 * A collector that keeps all that it gets: over OTLP with HTTP and protobuf, or with gRPC and TLS.
 * To any other request it answers a price.
 */
public final class OtlpReceiver implements AutoCloseable {
  private static final int GRPC_FRAME_HEADER = 5;

  /** A span, a metric or a log record, and where it comes from. */
  public record Received<T>(
      Resource resource, InstrumentationScope scope, String schemaUrl, T item) {}

  private final MockWebServer server = new MockWebServer();
  private final HeldCertificate certificate; // null without TLS
  private final List<String> paths = new CopyOnWriteArrayList<>();
  private final List<Received<Span>> spans = new CopyOnWriteArrayList<>();
  private final List<Received<Metric>> metrics = new CopyOnWriteArrayList<>();
  private final List<Received<LogRecord>> logs = new CopyOnWriteArrayList<>();
  private volatile Headers headers;

  private OtlpReceiver(HeldCertificate certificate) throws IOException {
    this.certificate = certificate;
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            return receive(request);
          }
        });
    if (certificate != null) {
      server.setProtocols(List.of(Protocol.HTTP_2, Protocol.HTTP_1_1));
      server.useHttps(
          new HandshakeCertificates.Builder()
              .heldCertificate(certificate)
              .build()
              .sslSocketFactory());
    }
    server.start();
  }

  public static OtlpReceiver ofHttp() throws IOException {
    return new OtlpReceiver(null);
  }

  public static OtlpReceiver ofGrpc() throws IOException {
    return new OtlpReceiver(
        new HeldCertificate.Builder().addSubjectAlternativeName("localhost").build());
  }

  private MockResponse receive(RecordedRequest request) {
    String path = request.getTarget();
    boolean grpc = path.endsWith("Service/Export");
    if (!grpc && !path.startsWith("/v1/")) {
      return new MockResponse.Builder().body("9.99").build();
    }
    try {
      byte[] body = request.getBody().substring(grpc ? GRPC_FRAME_HEADER : 0).toByteArray();
      if (path.equals("/v1/traces") || path.endsWith(".TraceService/Export")) {
        keepSpans(ExportTraceServiceRequest.parseFrom(body));
        headers = request.getHeaders();
      } else if (path.equals("/v1/metrics")) {
        keepMetrics(ExportMetricsServiceRequest.parseFrom(body));
      } else if (path.equals("/v1/logs")) {
        keepLogs(ExportLogsServiceRequest.parseFrom(body));
      }
    } catch (InvalidProtocolBufferException e) {
      return new MockResponse.Builder().code(400).build();
    }
    paths.add(path);
    return grpc
        ? new MockResponse.Builder()
            .addHeader("content-type", "application/grpc")
            .body(new Buffer().write(new byte[GRPC_FRAME_HEADER]))
            .trailers(Headers.of("grpc-status", "0"))
            .build()
        : new MockResponse.Builder().build();
  }

  private void keepSpans(ExportTraceServiceRequest request) {
    for (var one : request.getResourceSpansList()) {
      for (var scope : one.getScopeSpansList()) {
        for (Span span : scope.getSpansList()) {
          spans.add(
              new Received<>(one.getResource(), scope.getScope(), scope.getSchemaUrl(), span));
        }
      }
    }
  }

  private void keepMetrics(ExportMetricsServiceRequest request) {
    for (var one : request.getResourceMetricsList()) {
      for (var scope : one.getScopeMetricsList()) {
        for (Metric metric : scope.getMetricsList()) {
          metrics.add(
              new Received<>(one.getResource(), scope.getScope(), scope.getSchemaUrl(), metric));
        }
      }
    }
  }

  private void keepLogs(ExportLogsServiceRequest request) {
    for (var one : request.getResourceLogsList()) {
      for (var scope : one.getScopeLogsList()) {
        for (LogRecord log : scope.getLogRecordsList()) {
          logs.add(new Received<>(one.getResource(), scope.getScope(), scope.getSchemaUrl(), log));
        }
      }
    }
  }

  public String url() {
    return (certificate == null ? "http" : "https") + "://localhost:" + server.getPort();
  }

  /** Returns the certificate, in PEM, that a client over TLS must trust. */
  public String certificate() {
    return certificate.certificatePem();
  }

  /** Returns where telemetry came, once for each time. */
  public List<String> paths() {
    return List.copyOf(paths);
  }

  public List<Received<Span>> spans() {
    return List.copyOf(spans);
  }

  public List<Received<Metric>> metrics() {
    return List.copyOf(metrics);
  }

  public List<Received<LogRecord>> logs() {
    return List.copyOf(logs);
  }

  /** Returns the trace of each span, in hexadecimal. */
  public List<String> traceIds() {
    return spans.stream().map(span -> hex(span.item().getTraceId())).toList();
  }

  /** Returns the headers of the last traces. */
  public Headers headers() {
    return headers;
  }

  public static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  @Override
  public void close() {
    server.close();
  }
}
