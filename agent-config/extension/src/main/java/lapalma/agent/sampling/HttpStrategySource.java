package lapalma.agent.sampling;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.time.Duration;

/**
 * Jaeger's HTTP sampling endpoint.
 *
 * <p>It does not use {@code java.net.http}: for one small request a second, that client would keep
 * threads in the app's JVM and load many classes before the app's {@code main}.
 */
final class HttpStrategySource implements StrategySource {
  /** For the connection and for each read. */
  private static final int TIMEOUT_MILLIS = 2000;

  /** Enough for thousands of operations. A longer answer is cut, and then refused as malformed. */
  private static final int MAX_ANSWER_BYTES = 1 << 20;

  private final URL url;
  private final Duration patience;

  /**
   * Makes a source.
   *
   * @param patience for a whole answer, of which each part may arrive in time
   */
  HttpStrategySource(URL url, Duration patience) {
    this.url = url;
    this.patience = patience;
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
    long deadline = System.nanoTime() + patience.toNanos();
    var read = new ByteArrayOutputStream();
    try (InputStream answer = connection.getInputStream()) {
      byte[] part = new byte[8192];
      int length = 0;
      while (length >= 0 && read.size() < MAX_ANSWER_BYTES) {
        read.write(part, 0, length);
        if (System.nanoTime() - deadline > 0) {
          connection.disconnect();
          throw new IOException("its answer takes more than " + patience.toSeconds() + " s");
        }
        length = answer.read(part);
      }
    }
    return read.toString(UTF_8);
  }

  @Override
  public String toString() {
    return url.toString();
  }
}
