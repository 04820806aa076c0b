package lapalma.e2e.support;

import java.io.IOException;
import java.util.List;
import lapalma.stack.api.Http;

/** Reads the metrics of a part, in Prometheus' text format. */
public final class Exposition {
  private Exposition() {}

  /**
   * Returns the sum of all series of a metric, 0 without one.
   *
   * @param url the address of the part's metrics, without the path
   * @param labels such as {@code span_name="GET /"}: only series that have them all
   */
  public static double sum(String url, String metric, String... labels) throws IOException {
    return sumIn(Http.get(url + "/metrics").body(), metric, labels);
  }

  /** Returns the same of metrics in Prometheus' text format. */
  public static double sumIn(String exposition, String metric, String... labels) {
    return exposition
        .lines()
        .filter(line -> line.startsWith(metric + "{") || line.startsWith(metric + " "))
        .filter(line -> List.of(labels).stream().allMatch(line::contains))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
