package lapalma.compare.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Reads metrics every 5 s, as Prometheus would. */
public final class Scraper implements AutoCloseable {
  private static final String OPEN_METRICS = "application/openmetrics-text;version=1.0.0";
  private static final int SECONDS = 5;

  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  /**
   * Starts to read the metrics at a URL.
   *
   * @param url empty where the app serves no metrics
   */
  public static Scraper start(String url) {
    var scraper = new Scraper();
    if (!url.isEmpty()) {
      var unused =
          scraper.thread.scheduleAtFixedRate(
              () -> scraper.scrape(url), 0, SECONDS, TimeUnit.SECONDS);
    }
    return scraper;
  }

  private void scrape(String url) {
    try {
      bytes.addAndGet(read(url, "gzip").length);
    } catch (IOException | RuntimeException e) {
      failed.incrementAndGet();
    }
  }

  /** Reads a page of metrics, in the format with exemplars where the server has it. */
  public static String page(String url) throws IOException {
    return new String(read(url, "identity"), UTF_8);
  }

  private static byte[] read(String url, String encoding) throws IOException {
    URLConnection connection = URI.create(url).toURL().openConnection();
    connection.setConnectTimeout(2000);
    connection.setReadTimeout(30_000);
    connection.setRequestProperty("Accept", OPEN_METRICS);
    connection.setRequestProperty("Accept-Encoding", encoding);
    try (InputStream page = connection.getInputStream()) {
      return page.readAllBytes();
    }
  }

  public long failed() {
    return failed.get();
  }

  public long bytes() {
    return bytes.get();
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
