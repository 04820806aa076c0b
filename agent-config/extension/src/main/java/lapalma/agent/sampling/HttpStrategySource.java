package lapalma.agent.sampling;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;

/**
 * Jaeger's HTTP sampling endpoint.
 *
 * <p>It does not use {@code java.net.http}: for one small request a second, that client would keep
 * threads in the app's JVM and load many classes before the app's {@code main}.
 */
final class HttpStrategySource implements StrategySource {
  private static final int TIMEOUT_MILLIS = 2000;

  /** Enough for thousands of operations. A longer answer is cut, and then refused as malformed. */
  private static final int MAX_ANSWER_BYTES = 1 << 20;

  private final URL url;

  HttpStrategySource(URL url) {
    this.url = url;
  }

  @Override
  public String ask() throws IOException {
    var connection = (HttpURLConnection) url.openConnection();
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    connection.setUseCaches(false);
    int status = connection.getResponseCode();
    if (status != HttpURLConnection.HTTP_OK) {
      connection.disconnect();
      throw new IOException("it answered " + status);
    }
    try (InputStream answer = connection.getInputStream()) {
      return new String(answer.readNBytes(MAX_ANSWER_BYTES), UTF_8);
    }
  }

  @Override
  public String toString() {
    return url.toString();
  }
}
