package lapalma.compare.stats;

/**
 * How many times a row's value is its baseline's.
 *
 * @param low the lower end of the interval with 95 % confidence
 * @param high its upper end; infinite where too few rounds give no interval
 * @param p of the two-sided t test that the ratio is 1
 */
public record Ratio(double estimate, double low, double high, double p) {
  /** The change, up or down, that a reader may neglect. */
  private static final double SMALL = 1.25;

  private static final double SIGNIFICANT = 0.05;

  /** What a table says of a ratio. */
  public enum Verdict {
    MORE,
    LESS,
    WITHIN_25_PERCENT,
    NO_DECISION
  }

  public boolean hasInterval() {
    return Double.isFinite(high);
  }

  /**
   * Decides.
   *
   * @param corrected p, corrected for all comparisons of the table
   */
  Verdict verdict(double corrected) {
    if (corrected < SIGNIFICANT) {
      return estimate > 1 ? Verdict.MORE : Verdict.LESS;
    }
    return low > 1 / SMALL && high < SMALL ? Verdict.WITHIN_25_PERCENT : Verdict.NO_DECISION;
  }
}
