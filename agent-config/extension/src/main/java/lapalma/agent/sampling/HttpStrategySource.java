package lapalma.agent.sampling;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.time.Duration;
import java.util.concurrent.Callable;
import lapalma.agent.config.BoundedBody;

/**
 * Jaeger's HTTP sampling endpoint.
 *
 * <p>It does not use {@code java.net.http}: for one small request a second, that client would keep
 * threads in the app's JVM and load many classes before the app's {@code main}.
 */
final class HttpStrategySource implements Callable<String> {
  /** For the connection and for each read. */
  private static final int TIMEOUT_MILLIS = 2000;

  /** Enough for thousands of operations. A longer answer is cut, and then refused as malformed. */
  private static final int MAX_ANSWER_BYTES = 1 << 20;

  private final URL url;
  private final Duration patience;

  /**
   * Makes a source.
   *
   * @param patience for the body of an answer, which may trickle in although each read is in time
   */
  HttpStrategySource(URL url, Duration patience) {
    this.url = url;
    this.patience = patience;
  }

  @Override
  public String call() throws IOException {
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
      return new String(BoundedBody.read(answer, MAX_ANSWER_BYTES, patience), UTF_8);
    } catch (IOException e) {
      connection.disconnect();
      throw e;
    }
  }

  @Override
  public String toString() {
    return url.toString();
  }
}
