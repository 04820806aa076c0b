package lapalma.compare.stats;

import java.util.Optional;
import lapalma.compare.result.Measure;

/**
 * One measure of one variant against that of another.
 *
 * @param rounds in which both were measured without a doubt
 * @param median of the variant's values
 * @param baselineMedian of the other's in the same rounds
 * @param ratio of the two, in the same round
 * @param p of the Mann-Whitney test, corrected for all the comparisons that were made with it
 * @param leastP what p would be at least, were every value of the one above all of the other
 */
public record Comparison(
    Measure measure,
    String variant,
    String baseline,
    int rounds,
    double median,
    double baselineMedian,
    Optional<Bootstrap.Interval> ratio,
    double p,
    double leastP) {
  static final double SIGNIFICANT = 0.05;

  public enum Verdict {
    MORE,
    LESS,
    CANNOT_BE_TOLD_APART,
    TOO_FEW_ROUNDS,
    /** One of the values is 0. */
    NO_RATIO
  }

  /** Different only where both the interval and the test say so. */
  public Verdict verdict() {
    if (rounds < Bootstrap.LEAST_ROUNDS || leastP >= SIGNIFICANT) {
      return Verdict.TOO_FEW_ROUNDS;
    }
    if (ratio.isEmpty()) {
      return Verdict.NO_RATIO;
    }
    if (ratio.get().contains(1) || p >= SIGNIFICANT) {
      return Verdict.CANNOT_BE_TOLD_APART;
    }
    return ratio.get().estimate() > 1 ? Verdict.MORE : Verdict.LESS;
  }

  /**
   * The same, as one of so many.
   *
   * @param corrected for them
   */
  Comparison among(int comparisons, double corrected) {
    return new Comparison(
        measure,
        variant,
        baseline,
        rounds,
        median,
        baselineMedian,
        ratio,
        corrected,
        Math.min(1, comparisons * leastP));
  }
}
