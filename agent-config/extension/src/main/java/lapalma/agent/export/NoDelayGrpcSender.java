package lapalma.agent.export;

import io.opentelemetry.exporter.internal.RetryUtil;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.Compressor;
import io.opentelemetry.sdk.common.export.GrpcResponse;
import io.opentelemetry.sdk.common.export.GrpcSender;
import io.opentelemetry.sdk.common.export.GrpcSenderConfig;
import io.opentelemetry.sdk.common.export.GrpcStatusCode;
import io.opentelemetry.sdk.common.export.MessageWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import javax.net.SocketFactory;
import okhttp3.ConnectionSpec;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.Buffer;
import okio.BufferedSource;

/**
 * Sends OTLP over gRPC with OkHttp, as upstream's {@code OkHttpGrpcSender} does, but on sockets
 * with TCP_NODELAY: without it, each request waits about 40 ms for a delayed acknowledgement.
 */
final class NoDelayGrpcSender implements GrpcSender {
  private static final MediaType GRPC = MediaType.get("application/grpc");

  /** One byte that says whether the message is compressed, and four bytes with its length. */
  private static final int FRAME_HEADER_BYTES = 5;

  /**
   * What OTLP calls retryable (opentelemetry.io/docs/specs/otlp, "Failures" of OTLP/gRPC).
   * RESOURCE_EXHAUSTED is so only with {@link #RETRY_INFO}: a message that is too large would
   * otherwise be sent for ever.
   */
  private static final Set<GrpcStatusCode> RETRYABLE =
      Set.of(
          GrpcStatusCode.CANCELLED,
          GrpcStatusCode.DEADLINE_EXCEEDED,
          GrpcStatusCode.ABORTED,
          GrpcStatusCode.OUT_OF_RANGE,
          GrpcStatusCode.UNAVAILABLE,
          GrpcStatusCode.DATA_LOSS);

  private static final String RETRY_INFO = "google.rpc.RetryInfo";

  private final GrpcSenderConfig config;
  private final OkHttpClient client;
  private final Courier courier;

  NoDelayGrpcSender(GrpcSenderConfig config) {
    this.config = config;
    var builder =
        new OkHttpClient.Builder()
            .socketFactory(new NoDelaySocketFactory())
            .callTimeout(config.getTimeout())
            .connectTimeout(config.getConnectTimeout());
    if ("http".equals(config.getEndpoint().getScheme())) {
      builder
          .connectionSpecs(List.of(ConnectionSpec.CLEARTEXT))
          .protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
    } else if (config.getSslContext() != null && config.getTrustManager() != null) {
      builder.sslSocketFactory(config.getSslContext().getSocketFactory(), config.getTrustManager());
    }
    this.client = builder.build();
    this.courier = new Courier(config.getEndpoint(), config.getRetryPolicy());
  }

  @Override
  public void send(
      MessageWriter message, Consumer<GrpcResponse> onResponse, Consumer<Throwable> onError) {
    courier.deliver(() -> call(message), onResponse, onError);
  }

  private Courier.Answer<GrpcResponse> call(MessageWriter message) throws IOException {
    var request =
        new Request.Builder()
            .url(config.getEndpoint().resolve("/" + config.getFullMethodName()).toString());
    Map<String, List<String>> headers = config.getHeadersSupplier().get();
    if (headers != null) {
      headers.forEach((name, values) -> values.forEach(value -> request.addHeader(name, value)));
    }
    request.addHeader("te", "trailers");
    if (config.getCompressor() != null) {
      request.addHeader("grpc-encoding", config.getCompressor().getEncoding());
    }
    request.post(RequestBody.create(frame(message).readByteString(), GRPC));
    try (okhttp3.Response response = client.newCall(request.build()).execute()) {
      BufferedSource source = response.body().source();
      long most = FRAME_HEADER_BYTES + config.getMaxResponseBodySize();
      if (source.request(most + 1)) {
        return answer(
            GrpcStatusCode.RESOURCE_EXHAUSTED, "the answer is longer than " + most + " B", false);
      }
      // The trailers come after the body.
      GrpcStatusCode status = status(response);
      boolean retryable =
          RETRYABLE.contains(status)
              || (status == GrpcStatusCode.RESOURCE_EXHAUSTED && hasRetryInfo(response));
      return answer(status, field(response, "grpc-message"), retryable);
    }
  }

  private static Courier.Answer<GrpcResponse> answer(
      GrpcStatusCode status, String description, boolean retryable) {
    return new Courier.Answer<>(
        new Response(status, description), "gRPC status " + status, retryable, Duration.ZERO);
  }

  private Buffer frame(MessageWriter message) throws IOException {
    var payload = new Buffer();
    Compressor compressor = config.getCompressor();
    try (OutputStream out =
        compressor == null ? payload.outputStream() : compressor.compress(payload.outputStream())) {
      message.writeMessage(out);
    }
    var frame = new Buffer();
    frame.writeByte(compressor == null ? 0 : 1).writeInt((int) payload.size());
    frame.write(payload, payload.size());
    return frame;
  }

  /** Returns a field of the trailers, or of the headers if there is no body. */
  private static String field(okhttp3.Response response, String name) throws IOException {
    String header = response.header(name);
    return header == null ? response.trailers().get(name) : header;
  }

  private static GrpcStatusCode status(okhttp3.Response response) throws IOException {
    String code = field(response, "grpc-status");
    try {
      return code != null
          ? GrpcStatusCode.fromValue(Integer.parseInt(code))
          // A proxy has answered, or a server that does not speak gRPC.
          : RetryUtil.retryableHttpResponseCodes().contains(response.code())
              ? GrpcStatusCode.UNAVAILABLE
              : GrpcStatusCode.UNKNOWN;
    } catch (NumberFormatException e) {
      return GrpcStatusCode.UNKNOWN;
    }
  }

  private static boolean hasRetryInfo(okhttp3.Response response) throws IOException {
    String details = field(response, "grpc-status-details-bin");
    try {
      return details != null
          && new String(Base64.getDecoder().decode(details), StandardCharsets.ISO_8859_1)
              .contains(RETRY_INFO);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Override
  public CompletableResultCode shutdown() {
    client.dispatcher().cancelAll();
    client.connectionPool().evictAll();
    return courier.close();
  }

  /**
   * The outcome of a call. The message is left out: it is empty, unless the receiver has rejected a
   * part, which the exporter does not look at.
   */
  private record Response(GrpcStatusCode code, String description) implements GrpcResponse {
    @Override
    public GrpcStatusCode getStatusCode() {
      return code;
    }

    @Override
    public String getStatusDescription() {
      return description;
    }

    @Override
    public byte[] getResponseMessage() {
      return new byte[0];
    }
  }

  /** Makes sockets with TCP_NODELAY, in the one form that OkHttp asks for: unconnected. */
  private static final class NoDelaySocketFactory extends SocketFactory {

    @Override
    public Socket createSocket() throws IOException {
      var socket = new Socket();
      socket.setTcpNoDelay(true);
      return socket;
    }

    @Override
    public Socket createSocket(String host, int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(
        InetAddress address, int port, InetAddress localAddress, int localPort) {
      throw new UnsupportedOperationException();
    }
  }
}
