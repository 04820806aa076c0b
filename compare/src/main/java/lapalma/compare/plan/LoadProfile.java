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

  /** Only starts, and stops once it has answered. */
  public static final LoadProfile STARTS = new LoadProfile(0, 0, 0, 0, 0, 100);

  public static final LoadProfile SMOKE = new LoadProfile(1, 3, 1, 1, 2, 50);

  /** The longest warm-up of an app that says nothing else, in seconds. */
  private static final int USUAL_WARM_UP = 50;

  /** Returns the requests per second of the open load. */
  public int rate(App app) {
    return Math.max(1, (int) Math.round(app.load().rate() * ratePercent / 100.0));
  }

  /** Returns the number of windows after which the warm-up of an app ends in any case. */
  public int maxWindows(App app) {
    return Math.max(1, maxWindows * app.load().warmUp() / USUAL_WARM_UP);
  }

  /** Returns whether the telemetry too is recorded in brief: without an outage and late metrics. */
  public boolean isBrief() {
    return equals(SMOKE);
  }

  /** Returns whether a trial ends when the app has started. */
  public boolean startsOnly() {
    return window == 0;
  }

  /**
   * Estimates the first trial, with a warm-up as long as the app's file allows; later estimates use
   * the trials that have ended.
   */
  public Duration guess(App app) {
    return Duration.ofSeconds(10 + (long) window * maxWindows(app) + saturation + lead + open + 6);
  }
}
