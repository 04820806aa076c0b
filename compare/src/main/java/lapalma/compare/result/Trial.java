package lapalma.compare.result;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The results of one process of one variant in one round.
 *
 * @param values by measure, without those that could not be measured
 * @param doubts the reasons why values are not reported, by measure
 * @param warmUp the compilers' share of the CPU time in each window of the warm-up, from 0 to 1
 * @param steady whether the warm-up ended because the compilers rested
 * @param delivered empty where spans were not counted, as in trials of earlier builds
 */
public record Trial(
    int round,
    String variant,
    Instant began,
    double seconds,
    Map<Measure, Double> values,
    Map<Measure, String> doubts,
    List<Double> warmUp,
    boolean steady,
    Checks checks,
    Noise noise,
    Optional<Delivered> delivered) {

  /**
   * Shows whether the server was the limit, and was warm.
   *
   * @param generatorHeadroom of wrk at saturation: see {@code Load} of the package {@code load}
   * @param achievedRate the share of the requested rate that the open load achieved
   * @param delayMillis the largest delay with which 99 of 100 requests of the open load were sent
   * @param failed requests without a 200, of both loads
   * @param compiling the compilers' share of the server's CPU time at saturation, from 0 to 1
   */
  public record Checks(
      double generatorHeadroom,
      double achievedRate,
      double delayMillis,
      long failed,
      double compiling) {}

  /**
   * Shows what else the machine did during the trial.
   *
   * @param stolen share of the time that the hypervisor kept from the cores, from 0 to 1
   * @param foreignOnServer share of the server's cores that other processes used under load, from 0
   *     to 1
   * @param load average of the machine at the end
   * @param megahertz of the cores, 0 where the machine does not report it
   */
  public record Noise(double stolen, double foreignOnServer, double load, double megahertz) {}
}
