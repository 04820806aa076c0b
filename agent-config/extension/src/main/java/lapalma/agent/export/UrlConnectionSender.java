package lapalma.agent.export;

import io.opentelemetry.exporter.internal.RetryUtil;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.Compressor;
import io.opentelemetry.sdk.common.export.HttpResponse;
import io.opentelemetry.sdk.common.export.HttpSender;
import io.opentelemetry.sdk.common.export.HttpSenderConfig;
import io.opentelemetry.sdk.common.export.MessageWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpRetryException;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.Proxy;
import java.net.URL;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import lapalma.agent.config.BoundedBody;
import org.jspecify.annotations.Nullable;

/**
 * Sends OTLP over HTTP with the JDK's own client.
 *
 * <p>The agent's OkHttp waits for a delayed acknowledgement in each request, about 40 ms, because
 * it does not set TCP_NODELAY. The JDK's client sets it, and loads 400 classes fewer.
 */
final class UrlConnectionSender implements HttpSender {
  /** In bytes. A larger buffer is not kept for the next message. */
  private static final int LARGEST_KEPT = 4 << 20;

  /** The JDK has already compared the name with the certificate when it asks. */
  private static final HostnameVerifier REFUSE = (host, session) -> false;

  private final HttpSenderConfig config;
  private final URL url;
  private final @Nullable SSLSocketFactory sockets; // null for http
  private final Courier courier;
  private Body body = new Body(); // of the courier's thread

  UrlConnectionSender(HttpSenderConfig config) {
    this.config = config;
    try {
      this.url = config.getEndpoint().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
    this.sockets =
        !"https".equals(url.getProtocol())
            ? null
            : config.getSslContext() == null
                ? (SSLSocketFactory) SSLSocketFactory.getDefault()
                : config.getSslContext().getSocketFactory();
    this.courier = new Courier(config.getEndpoint(), config.getRetryPolicy());
  }

  @Override
  public void send(
      MessageWriter message, Consumer<HttpResponse> onResponse, Consumer<Throwable> onError) {
    courier.deliver(
        new Courier.Attempt<>() {
          private boolean written;

          @Override
          public Courier.Answer<HttpResponse> send() throws IOException {
            if (!written) {
              write(message);
              written = true;
            }
            return post();
          }
        },
        onResponse,
        onError);
  }

  private void write(MessageWriter message) throws IOException {
    if (body.capacity() > LARGEST_KEPT) {
      body = new Body();
    }
    body.reset();
    Compressor compressor = config.getCompressor();
    if (compressor == null) {
      message.writeMessage(body);
    } else {
      try (OutputStream compressed = compressor.compress(body)) {
        message.writeMessage(compressed);
      }
    }
  }

  private Courier.Answer<HttpResponse> post() throws IOException {
    HttpURLConnection connection = open();
    Response response;
    try {
      try (OutputStream out = connection.getOutputStream()) {
        body.writeTo(out);
      }
      int status = connection.getResponseCode();
      response =
          new Response(
              status, String.valueOf(connection.getResponseMessage()), read(connection, status));
    } catch (HttpRetryException e) {
      // The receiver or a proxy asks for a password, which a streamed request cannot repeat.
      response = new Response(e.responseCode(), e.getReason(), new byte[0]);
    }
    return new Courier.Answer<>(
        response,
        "HTTP status " + response.statusCode,
        RetryUtil.retryableHttpResponseCodes().contains(response.statusCode),
        RetryAfter.of(connection.getHeaderField("Retry-After"), Instant.now()));
  }

  private HttpURLConnection open() throws IOException {
    List<Proxy> proxies =
        config.getProxyOptions() == null
            ? List.of()
            : config.getProxyOptions().getProxySelector().select(config.getEndpoint());
    var connection =
        (HttpURLConnection)
            (proxies.isEmpty() ? url.openConnection() : url.openConnection(proxies.get(0)));
    if (connection instanceof HttpsURLConnection https) {
      // Explicit, because an app may have replaced the JVM's defaults.
      https.setSSLSocketFactory(sockets);
      https.setHostnameVerifier(REFUSE);
    }
    connection.setConnectTimeout(millis(config.getConnectTimeout().toMillis()));
    connection.setReadTimeout(millis(config.getTimeout().toMillis()));
    connection.setUseCaches(false);
    connection.setInstanceFollowRedirects(false);
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    Map<String, List<String>> headers = config.getHeadersSupplier().get();
    if (headers != null) {
      headers.forEach(
          (name, values) -> values.forEach(value -> connection.addRequestProperty(name, value)));
    }
    connection.setRequestProperty("Content-Type", config.getContentType());
    if (config.getCompressor() != null) {
      connection.setRequestProperty("Content-Encoding", config.getCompressor().getEncoding());
    }
    connection.setFixedLengthStreamingMode(body.size());
    return connection;
  }

  private static int millis(long millis) {
    return (int) Math.min(millis, Integer.MAX_VALUE);
  }

  /**
   * Reads the answer to its end: otherwise, the JDK does not use the connection again. Its status
   * is known, so a body that breaks off is no reason to send the message twice.
   */
  private byte[] read(HttpURLConnection connection, int status) {
    try (InputStream answer =
        status < HttpURLConnection.HTTP_BAD_REQUEST
            ? connection.getInputStream()
            : connection.getErrorStream()) {
      int most = (int) Math.min(config.getMaxResponseBodySize(), LARGEST_KEPT);
      return answer == null ? new byte[0] : BoundedBody.read(answer, most, config.getTimeout());
    } catch (IOException e) {
      connection.disconnect();
      return new byte[0];
    }
  }

  @Override
  public CompletableResultCode shutdown() {
    return courier.close();
  }

  private record Response(int statusCode, String message, byte[] body) implements HttpResponse {
    @Override
    public int getStatusCode() {
      return statusCode;
    }

    @Override
    public String getStatusMessage() {
      return message;
    }

    @Override
    @SuppressWarnings("mutable")
    public byte[] getResponseBody() {
      return body;
    }
  }

  private static final class Body extends ByteArrayOutputStream {
    int capacity() {
      return buf.length;
    }
  }
}
