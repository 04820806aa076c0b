package lapalma.compare.backend;

import java.util.ArrayList;
import java.util.List;

/** The telemetry that arrived, in terms that all protocols have in common. */
public final class Telemetry {

  /**
   * @param server whether the span stands for a request that the app received
   * @param traceId 32 hexadecimal digits, or what the protocol has instead
   * @param path of the request, or empty
   * @param route the template that the path matched, or empty
   * @param status of the answer, or 0
   * @param exception whether the span holds an exception's type or stack
   */
  public record Span(
      boolean server,
      String name,
      String traceId,
      String path,
      String route,
      int status,
      boolean exception) {

    /** Returns what stands for an exception where a protocol sends it by itself. */
    static Span ofException(String type, String traceId) {
      return new Span(false, type, traceId, "", "", 0, true);
    }
  }

  /**
   * @param exemplars the number of points that refer to a trace
   */
  public record Metric(String name, int exemplars) {}

  public record LogRecord(String body, String traceId) {}

  private final List<Span> spans = new ArrayList<>();
  private final List<Metric> metrics = new ArrayList<>();
  private final List<LogRecord> logs = new ArrayList<>();
  private int profiles;

  public void add(Span span) {
    spans.add(span);
  }

  public void add(Metric metric) {
    metrics.add(metric);
  }

  public void add(LogRecord log) {
    logs.add(log);
  }

  void addProfile() {
    profiles++;
  }

  public List<Span> spans() {
    return spans;
  }

  public List<Span> serverSpans() {
    return spans.stream().filter(Span::server).toList();
  }

  public List<Metric> metrics() {
    return metrics;
  }

  public List<LogRecord> logs() {
    return logs;
  }

  public int profiles() {
    return profiles;
  }
}
