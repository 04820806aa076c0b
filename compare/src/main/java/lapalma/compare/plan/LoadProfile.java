package lapalma.compare.plan;

import java.time.Duration;

/**
 * The load of a trial: how long the app is warmed up and measured, in seconds, and how many
 * requests it gets.
 *
 * @param window of the warm-up, which ends when the compilers rest for some windows in a row
 * @param maxWindows the number of windows after which the warm-up ends in any case
 * @param saturation of the closed load
 * @param lead the first part of the open load, which does not count
 * @param open the part of the open load that counts
 * @param ratePercent of the open load's rate that the app's file names
 */
public record LoadProfile(
    int window, int maxWindows, int saturation, int lead, int open, int ratePercent) {

  public static final LoadProfile FULL = new LoadProfile(2, 25, 5, 2, 10, 100);

  /** For a small difference at saturation: the closed load is long. */
  public static final LoadProfile STEADY = new LoadProfile(2, 25, 10, 1, 3, 100);

  /** For a sweep: many trials, each warmed up to the end. */
  public static final LoadProfile SWEEP = new LoadProfile(1, 40, 2, 1, 3, 100);

  /**
   * For hundreds of comparisons of the lab with itself: neither variant is warmed up to the end.
   */
  public static final LoadProfile SHORT = new LoadProfile(1, 4, 2, 1, 3, 100);

  /** For a first answer in ten minutes: no process is warmed up to the end. */
  public static final LoadProfile QUICK = new LoadProfile(1, 8, 2, 1, 4, 100);

  public static final LoadProfile SMOKE = new LoadProfile(1, 3, 1, 1, 2, 50);

  /** The longest warm-up of an app that says nothing else, in seconds. */
  private static final int USUAL_WARM_UP = 50;

  /**
   * Returns the requests per second of the open load.
   *
   * @param saturated requests per second at saturation
   */
  public int rate(Workload workload, double saturated) {
    double rate =
        workload.share() > 0
            ? saturated * workload.share() / 100
            : workload.rate() * ratePercent / 100.0;
    return Math.max(1, (int) Math.round(rate));
  }

  /** Returns the number of windows after which the warm-up of an app ends in any case. */
  public int maxWindows(App app) {
    return Math.max(1, maxWindows * app.load().warmUp() / USUAL_WARM_UP);
  }

  /** Returns whether the telemetry too is recorded in brief: without an outage and late metrics. */
  public boolean isBrief() {
    return equals(SMOKE) || equals(QUICK);
  }

  /** Estimates the first trial; later estimates use the trials that have ended. */
  public Duration guess() {
    return Duration.ofSeconds(10 + (long) window * maxWindows / 2 + saturation + lead + open + 6);
  }
}
