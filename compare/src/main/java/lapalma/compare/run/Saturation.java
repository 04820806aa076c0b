package lapalma.compare.run;

import java.util.Map;
import java.util.Optional;
import lapalma.compare.load.Load;
import lapalma.compare.result.Measure;

/**
 * The results of a trial under the closed load.
 *
 * @param cpuSeconds that the server used
 * @param compiling the compilers' share of these seconds
 */
record Saturation(Load load, double cpuSeconds, double compiling, ForeignLoad foreign) {
  /** With less headroom the generator may have been the limit. */
  private static final double LEAST_HEADROOM = 0.1;

  Map<Measure, Double> values() {
    return Map.of(
        Measure.THROUGHPUT,
        load.rate(),
        Measure.CPU_SATURATED,
        TrialRunner.micros(cpuSeconds, load.requests()));
  }

  Map<Measure, String> doubts() {
    Optional<String> why = TrialRunner.failures(load.failed(), load.requests());
    if (load.headroom() < LEAST_HEADROOM) {
      why =
          Optional.of(
              "wrk ran or waited for a core %.0f %% of the time: it may have been the limit"
                  .formatted(100 * (1 - load.headroom())));
    }
    return why.map(doubt -> Map.of(Measure.THROUGHPUT, doubt, Measure.CPU_SATURATED, doubt))
        .orElse(Map.of());
  }
}
