package lapalma.compare.report;

import lapalma.compare.stats.Bootstrap;

/** Formats figures. */
public final class Figures {
  private Figures() {}

  public static String ratio(Bootstrap.Interval interval) {
    return "×%s [%s, %s]"
        .formatted(amount(interval.estimate()), amount(interval.low()), amount(interval.high()));
  }

  /** Formats a value with three significant digits. */
  static String amount(double value) {
    if (value == 0) {
      return "0";
    }
    double size = Math.abs(value);
    String pattern = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f";
    return pattern.formatted(value);
  }
}
