package lapalma.compare.result;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What one process of one variant showed in one round.
 *
 * @param values by measure; what could not be measured is left out
 * @param doubts why some of the values are not reported, by measure
 * @param warmUp the compilers' share of the CPU time in each window of the warm-up, from 0 to 1
 * @param steady whether the warm-up ended because the compilers rested
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
    Noise noise) {

  /**
   * What tells whether the server, as it is when warm, was the limit.
   *
   * @param generatorHeadroom of wrk at saturation: see {@code Load} of the package {@code load}
   * @param achievedRate of the open load, of the rate that was asked for
   * @param delayMillis by which 99 of 100 requests of the open load were sent late at most
   * @param failed requests without a 200, of both loads
   * @param compiling the compilers' share of the server's CPU time at saturation
   */
  public record Checks(
      double generatorHeadroom,
      double achievedRate,
      double delayMillis,
      long failed,
      double compiling) {}

  /**
   * What else the machine did meanwhile.
   *
   * @param stolen share of the time that the hypervisor kept from the cores
   * @param foreignOnServer share of the server's cores that others than the server used under load
   * @param load average of the machine at the end
   * @param megahertz of the cores, 0 where the machine does not tell
   */
  public record Noise(double stolen, double foreignOnServer, double load, double megahertz) {}
}
