package lapalma.e2e.support;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import lapalma.stack.api.Http;

/**
 * The context that a caller sends, so that a test knows its trace.
 *
 * <p>Source: W3C Trace Context, section 3.2.
 */
public record TraceContext(String traceId, String spanId) {

  public static TraceContext random() {
    return new TraceContext(hex(16), hex(8));
  }

  private static String hex(int bytes) {
    byte[] random = new byte[bytes];
    ThreadLocalRandom.current().nextBytes(random);
    random[0] |= 1; // an id of zeros is invalid
    return HexFormat.of().formatHex(random);
  }

  public String traceparent() {
    return "00-%s-%s-01".formatted(traceId, spanId);
  }

  public HttpResponse<String> get(String url) throws IOException {
    return send("GET", url);
  }

  /** The same as a caller that has not sampled its trace. */
  public HttpResponse<String> getUnsampled(String url) throws IOException {
    return send("GET", url, traceparent().replaceAll("01$", "00"));
  }

  public HttpResponse<String> send(String method, String url) throws IOException {
    return send(method, url, traceparent());
  }

  private static HttpResponse<String> send(String method, String url, String traceparent)
      throws IOException {
    return Http.send(
        HttpRequest.newBuilder(URI.create(url))
            .header("traceparent", traceparent)
            .header("user-agent", "test")
            .method(method, HttpRequest.BodyPublishers.noBody()));
  }
}
