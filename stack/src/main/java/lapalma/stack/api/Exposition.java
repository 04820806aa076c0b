package lapalma.stack.api;

import java.io.IOException;
import java.util.List;
import java.util.stream.DoubleStream;

/** Reads the metrics of a part, in Prometheus' text format. */
public final class Exposition {
  private Exposition() {}

  /**
   * Returns the sum of all series of a metric, 0 without one.
   *
   * @param url the address of the part's metrics, without the path
   * @param labels such as {@code span_name="GET /"}: only series that have them all
   * @throws IOException when the part does not answer with 200
   */
  public static double sum(String url, String metric, String... labels) throws IOException {
    return sumIn(read(url), metric, labels);
  }

  /**
   * Returns the same of a metric that a part has from its start on.
   *
   * @throws IllegalStateException when no series of the metric has these labels
   */
  public static double requireSum(String url, String metric, String... labels) throws IOException {
    String exposition = read(url);
    if (values(exposition, metric, labels).findAny().isEmpty()) {
      throw new IllegalStateException(
          "%s/metrics has no series of %s with the labels %s: correct the name or the labels."
              .formatted(url, metric, List.of(labels)));
    }
    return sumIn(exposition, metric, labels);
  }

  private static String read(String url) throws IOException {
    return Http.body(Http.get(url + "/metrics"));
  }

  /** Returns the same of metrics in Prometheus' text format. */
  public static double sumIn(String exposition, String metric, String... labels) {
    return values(exposition, metric, labels).sum();
  }

  private static DoubleStream values(String exposition, String metric, String... labels) {
    return exposition
        .lines()
        .filter(line -> line.startsWith(metric + "{") || line.startsWith(metric + " "))
        .filter(line -> List.of(labels).stream().allMatch(line::contains))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)));
  }
}
