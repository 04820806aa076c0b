package lapalma.compare.result;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.EnumSet;
import java.util.Set;

/** The measures of a trial. */
public enum Measure {
  START_CPU("start-cpu", "User CPU until the first 200", "s", true),
  CPU("cpu", "CPU per request, fixed rate", "µs", true),
  P99("p99", "Latency p99, fixed rate", "ms", true),
  RESIDENT("resident", "Resident memory, fixed rate", "MB", true),
  START("start", "Start to the first 200", "s", true),
  CPU_SATURATED("cpu-saturated", "CPU per request, saturated", "µs", true),
  THROUGHPUT("throughput", "Requests/s, saturated", "/s", false),
  P50("p50", "Latency p50, fixed rate", "ms", true),
  P90("p90", "Latency p90, fixed rate", "ms", true),
  P999("p99.9", "Latency p99.9, fixed rate", "ms", true),
  ALLOCATED("allocated", "Allocated per request, fixed rate", "KB", true),
  GC("gc", "Collector per 1000 requests, fixed rate", "ms", true),
  HEAP("heap", "Heap after a collection", "MB", true),
  THREADS("threads", "Threads", "", true),
  EXPORTED("exported", "Sent per request, fixed rate", "B", true),
  STOP("stop", "Time to exit", "s", true);

  /** The measures on which a table gives verdicts, fixed before anything was measured. */
  public static final Set<Measure> DECIDING = EnumSet.of(START_CPU, CPU, P99, RESIDENT);

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
