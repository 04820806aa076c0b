package lapalma.compare.plan;

import java.time.Duration;

/**
 * The load of a trial: how long the app is warmed up and measured, in seconds, and how many
 * requests it gets.
 *
 * @param window of the warm-up, which is over when the compilers rest for some in a row
 * @param maxWindows after which the warm-up ends even so; the trial says so
 * @param saturation of the closed load
 * @param lead of the open load, which is not counted
 * @param open of the open load, which is
 * @param jvmRate requests each second of the open load, for apps on a JVM
 * @param pythonRate the same for apps on Python, whose development server stands less
 */
public record LoadProfile(
    int window, int maxWindows, int saturation, int lead, int open, int jvmRate, int pythonRate) {

  public static final LoadProfile FULL = new LoadProfile(2, 25, 5, 2, 10, 1000, 100);

  /** Where a small difference at saturation is looked for: the code is let settle. */
  public static final LoadProfile STEADY = new LoadProfile(2, 25, 10, 1, 3, 1000, 100);

  /** For a sweep: many trials, each warmed up to the end. */
  public static final LoadProfile SWEEP = new LoadProfile(1, 40, 2, 1, 3, 1000, 100);

  /**
   * Where the lab is compared with itself, hundreds of times: not warmed up to the end, in either.
   */
  public static final LoadProfile SHORT = new LoadProfile(1, 4, 2, 1, 3, 1000, 100);

  public static final LoadProfile SMOKE = new LoadProfile(1, 3, 1, 1, 2, 500, 50);

  /**
   * Requests each second of the open load.
   *
   * @param saturated requests each second at saturation
   */
  public int rate(Variant variant, double saturated) {
    int share = variant.workload().share();
    if (share > 0) {
      return Math.max(1, (int) Math.round(saturated * share / 100));
    }
    return variant.app().onJvm() ? jvmRate : pythonRate;
  }

  /** A guess for the first trial; later ones go by those that have been. */
  public Duration guess() {
    return Duration.ofSeconds(10 + (long) window * maxWindows / 2 + saturation + lead + open + 6);
  }
}
