package lapalma.e2e.support;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Simulates many instances of dice for a Prometheus from the metrics of a real one. Each answers at
 * its own path with the same series, whose values change.
 */
public final class Instances implements AutoCloseable {
  /** A line of the text format, split into the series and its value. */
  private record Sample(String series, double value) {
    static Sample of(String line) {
      int space = line.lastIndexOf(' ');
      return new Sample(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final List<Sample> samples;
  private final AtomicLong scrapes = new AtomicLong();

  /**
   * Starts the instances.
   *
   * @param exposed the metrics of a real instance
   */
  public Instances(String exposed) throws IOException {
    samples =
        exposed
            .lines()
            .filter(line -> !line.startsWith("#") && !line.isBlank())
            .map(Sample::of)
            .toList();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    var random = ThreadLocalRandom.current();
    var text = new StringBuilder(samples.size() * 80);
    double grown = scrapes.incrementAndGet();
    for (Sample sample : samples) {
      text.append(sample.series)
          .append(' ')
          .append(sample.value + grown * random.nextInt(10))
          .append('\n');
    }
    byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", "text/plain; version=0.0.4");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** Returns the number of series of each instance. */
  public int series() {
    return samples.size();
  }

  /** Returns the number of scrapes of all instances together. */
  public long scrapes() {
    return scrapes.get();
  }

  /** Returns the content of a file of targets. */
  public String targets(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            number ->
                """
                - targets: ["127.0.0.1:%d"]
                  labels: {instance: "i-%06d", __metrics_path__: "/%d"}
                """
                    .formatted(server.getAddress().getPort(), number, number))
        .collect(Collectors.joining());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
