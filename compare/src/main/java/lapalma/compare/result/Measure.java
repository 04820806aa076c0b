package lapalma.compare.result;

import com.fasterxml.jackson.annotation.JsonValue;

/** The measures of a trial. */
public enum Measure {
  START("start", "Start to first 200", "s", true),
  START_CPU("start-cpu", "User CPU until then", "s", true),
  CPU("cpu", "CPU per request, fixed rate", "µs", true),
  CPU_SATURATED("cpu-saturated", "CPU per request, saturated", "µs", true),
  THROUGHPUT("throughput", "Requests/s, saturated", "/s", false),
  P50("p50", "Latency p50", "ms", true),
  P90("p90", "Latency p90", "ms", true),
  P99("p99", "Latency p99", "ms", true),
  P999("p99.9", "Latency p99.9", "ms", true),
  ALLOCATED("allocated", "Allocated per request", "KB", true),
  GC("gc", "Collector per 1000 requests", "ms", true),
  RESIDENT("resident", "Resident memory", "MB", true),
  HEAP("heap", "Heap after a collection", "MB", true),
  THREADS("threads", "Threads", "", true),
  EXPORTED("exported", "Sent per request", "B", true),
  STOP("stop", "Time to exit", "s", true);

  private final String id;
  private final String title;
  private final String unit;
  private final boolean lessIsBetter;

  Measure(String id, String title, String unit, boolean lessIsBetter) {
    this.id = id;
    this.title = title;
    this.unit = unit;
    this.lessIsBetter = lessIsBetter;
  }

  @JsonValue
  public String id() {
    return id;
  }

  public String title() {
    return title;
  }

  public String unit() {
    return unit;
  }

  public boolean lessIsBetter() {
    return lessIsBetter;
  }
}
