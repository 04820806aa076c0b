package lapalma.compare.report;

/** Formats figures. */
final class Figures {
  private Figures() {}

  /** Formats a ratio with two decimals, or with three significant digits where that is coarse. */
  static String times(double ratio) {
    return ratio >= 0.1 && ratio < 10 ? "%.2f".formatted(ratio) : amount(ratio);
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
