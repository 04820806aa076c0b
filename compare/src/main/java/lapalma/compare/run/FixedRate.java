package lapalma.compare.run;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lapalma.compare.app.GcLog;
import lapalma.compare.host.ProcFs;
import lapalma.compare.load.Latencies;
import lapalma.compare.load.OpenLoad.Hit;
import lapalma.compare.result.Measure;

/**
 * The results of a trial under the open load.
 *
 * @param rate requests per second that the generator was to send
 * @param all requests of the load
 * @param counted the requests that were sent while the server was measured
 * @param latencies of the counted requests
 * @param cpuSeconds that the server used while it was measured
 * @param status of the server at the end of the measurement
 * @param scrapedBytes bytes of metrics that the lab read from the agent during the load
 * @param failedScrapes reads of metrics that failed
 */
record FixedRate(
    int rate,
    List<Hit> all,
    List<Hit> counted,
    Latencies latencies,
    double cpuSeconds,
    ProcFs.Status status,
    long scrapedBytes,
    long failedScrapes,
    ForeignLoad foreign) {
  private static final double LEAST_RATE = 0.99;
  private static final double LONGEST_DELAY_MILLIS = 10;

  private static final List<Measure> LATENCIES =
      List.of(Measure.P50, Measure.P90, Measure.P99, Measure.P999);
  private static final List<Measure> COSTS =
      List.of(Measure.CPU, Measure.ALLOCATED, Measure.GC, Measure.EXPORTED);

  long failed() {
    return all.stream().filter(hit -> hit.status() < 200 || hit.status() > 299).count();
  }

  long answered() {
    return all.stream().filter(hit -> hit.status() >= 100).count();
  }

  /** Returns the share of the requested rate that the generator achieved. */
  double achieved() {
    return latencies.achievedRate() / rate;
  }

  /** Returns the largest delay with which 99 of 100 requests were sent. */
  double delayMillis() {
    return latencies.delayMillis(0.99);
  }

  Map<Measure, Double> values() {
    Map<Measure, Double> values = new EnumMap<>(Measure.class);
    values.put(Measure.CPU, TrialRunner.micros(cpuSeconds, counted.size()));
    values.put(Measure.P50, latencies.millis(0.5));
    values.put(Measure.P90, latencies.millis(0.9));
    values.put(Measure.P99, latencies.millis(0.99));
    values.put(Measure.P999, latencies.millis(0.999));
    values.put(Measure.RESIDENT, status.resident() / 1e6);
    values.put(Measure.THREADS, (double) status.threads());
    return values;
  }

  /**
   * Returns the values of the collector.
   *
   * @param gc the collector's work during the load
   */
  Map<Measure, Double> values(GcLog.Interval gc) {
    return Map.of(
        Measure.ALLOCATED,
        gc.allocated() / 1e3 / all.size(),
        Measure.HEAP,
        gc.live() / 1e6,
        Measure.GC,
        gc.millis() * 1000 / all.size());
  }

  Map<Measure, String> doubts() {
    Map<Measure, String> doubts = new EnumMap<>(Measure.class);
    if (failedScrapes > 0) {
      doubts.put(Measure.EXPORTED, "%d scrapes failed".formatted(failedScrapes));
    }
    String why =
        "the generator sent %.1f %% of the rate, and 1 %% of requests more than %.0f ms late"
            .formatted(100 * achieved(), delayMillis());
    if (achieved() < LEAST_RATE || delayMillis() > LONGEST_DELAY_MILLIS) {
      LATENCIES.forEach(measure -> doubts.put(measure, why));
    }
    if (achieved() < LEAST_RATE) {
      // The server had another load than in the other trials.
      COSTS.forEach(measure -> doubts.put(measure, why));
    }
    TrialRunner.failures(failed(), all.size())
        .ifPresent(
            failures ->
                Stream.of(LATENCIES, COSTS)
                    .flatMap(List::stream)
                    .forEach(measure -> doubts.put(measure, failures)));
    return doubts;
  }
}
