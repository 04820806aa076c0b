package lapalma.compare.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    List<String> why = new ArrayList<>();
    TrialRunner.failures(load.failed(), load.requests()).ifPresent(why::add);
    if (load.headroom() < LEAST_HEADROOM) {
      why.add(
          "wrk ran or waited for a core %.0f %% of the time: it may have been the limit"
              .formatted(100 * (1 - load.headroom())));
    }
    String doubt = String.join("; ", why);
    return why.isEmpty()
        ? Map.of()
        : Map.of(Measure.THROUGHPUT, doubt, Measure.CPU_SATURATED, doubt);
  }
}
