package lapalma.e2e.jar;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

/** A collector that takes OTLP over HTTP, or over gRPC with TLS. */
final class OtlpReceiver implements AutoCloseable {
  private static final int GRPC_FRAME_HEADER = 5;

  private final MockWebServer server = new MockWebServer();
  private final HeldCertificate certificate; // null without TLS
  private final Set<String> paths = ConcurrentHashMap.newKeySet();
  private final List<ResourceSpans> spans = new CopyOnWriteArrayList<>();
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

  static OtlpReceiver ofHttp() throws IOException {
    return new OtlpReceiver(null);
  }

  static OtlpReceiver ofGrpc() throws IOException {
    return new OtlpReceiver(
        new HeldCertificate.Builder().addSubjectAlternativeName("localhost").build());
  }

  private MockResponse receive(RecordedRequest request) {
    String path = request.getTarget();
    boolean grpc = path.endsWith("/Export");
    if (path.equals("/v1/traces") || path.endsWith("TraceService/Export")) {
      headers = request.getHeaders();
      try {
        byte[] body = request.getBody().substring(grpc ? GRPC_FRAME_HEADER : 0).toByteArray();
        spans.addAll(ExportTraceServiceRequest.parseFrom(body).getResourceSpansList());
      } catch (IOException e) {
        return new MockResponse.Builder().code(400).build();
      }
    }
    paths.add(path);
    return grpc
        ? new MockResponse.Builder()
            .addHeader("content-type", "application/grpc")
            .body(new Buffer().write(new byte[GRPC_FRAME_HEADER]))
            .trailers(Headers.of("grpc-status", "0"))
            .build()
        : new MockResponse.Builder().code(200).build();
  }

  String url() {
    return (certificate == null ? "http" : "https") + "://localhost:" + server.getPort();
  }

  String certificate() {
    return certificate.certificatePem();
  }

  /** Returns where telemetry came. */
  Set<String> paths() {
    return Set.copyOf(paths);
  }

  List<ResourceSpans> spans() {
    return spans;
  }

  /** Returns those of the last traces. */
  Headers headers() {
    return headers;
  }

  @Override
  public void close() {
    server.close();
  }
}
