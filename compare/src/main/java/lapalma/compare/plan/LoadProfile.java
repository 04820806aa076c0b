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
 * @param jvmRate requests per second of the open load, for apps on a JVM
 * @param pythonRate the same for apps on Python, whose development server handles fewer
 */
public record LoadProfile(
    int window, int maxWindows, int saturation, int lead, int open, int jvmRate, int pythonRate) {

  public static final LoadProfile FULL = new LoadProfile(2, 25, 5, 2, 10, 1000, 100);

  /** For a small difference at saturation: the closed load is long. */
  public static final LoadProfile STEADY = new LoadProfile(2, 25, 10, 1, 3, 1000, 100);

  /** For a sweep: many trials, each warmed up to the end. */
  public static final LoadProfile SWEEP = new LoadProfile(1, 40, 2, 1, 3, 1000, 100);

  /**
   * For hundreds of comparisons of the lab with itself: neither variant is warmed up to the end.
   */
  public static final LoadProfile SHORT = new LoadProfile(1, 4, 2, 1, 3, 1000, 100);

  public static final LoadProfile SMOKE = new LoadProfile(1, 3, 1, 1, 2, 500, 50);

  /**
   * Returns the requests per second of the open load.
   *
   * @param saturated requests per second at saturation
   */
  public int rate(Variant variant, double saturated) {
    int share = variant.workload().share();
    if (share > 0) {
      return Math.max(1, (int) Math.round(saturated * share / 100));
    }
    return variant.app().onJvm() ? jvmRate : pythonRate;
  }

  /** Estimates the first trial; later estimates use the trials that have ended. */
  public Duration guess() {
    return Duration.ofSeconds(10 + (long) window * maxWindows / 2 + saturation + lead + open + 6);
  }
}
