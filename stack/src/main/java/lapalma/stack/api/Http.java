package lapalma.stack.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The HTTP client for the parts of the stack. */
public final class Http {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();

  private Http() {}

  /**
   * Requests a URL.
   *
   * @throws IOException when there is no answer, or none within 5 s
   */
  public static HttpResponse<String> get(String url) throws IOException {
    return send(HttpRequest.newBuilder(URI.create(url)));
  }

  /**
   * Sends a request.
   *
   * @throws IOException when there is no answer, or none within 5 s
   */
  public static HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
    return send(request, TIMEOUT);
  }

  /**
   * Sends a request.
   *
   * @throws IOException when there is no answer, or none within {@code limit}
   */
  public static HttpResponse<String> send(HttpRequest.Builder request, Duration limit)
      throws IOException {
    try {
      return CLIENT.send(request.timeout(limit).build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted", e);
    }
  }

  /**
   * @throws IOException when the answer is not 200 with JSON; the message holds what was answered
   */
  public static JsonNode json(String url) throws IOException {
    return json(get(url));
  }

  /**
   * @throws IOException when the answer is not 200 with JSON; the message holds what was answered
   */
  public static JsonNode json(HttpResponse<String> response) throws IOException {
    return JSON.readTree(body(response));
  }

  /**
   * Returns the body of an answer.
   *
   * @throws IOException when the answer is not 200; the message holds what was answered
   */
  public static String body(HttpResponse<String> response) throws IOException {
    if (response.statusCode() != 200) {
      throw new IOException(
          "%s answered %d: %s".formatted(response.uri(), response.statusCode(), response.body()));
    }
    return response.body();
  }

  public static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
