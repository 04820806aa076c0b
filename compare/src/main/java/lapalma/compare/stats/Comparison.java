package lapalma.compare.stats;

import java.util.Optional;
import java.util.OptionalDouble;
import lapalma.compare.result.Measure;

/**
 * Compares one measure of two variants.
 *
 * @param rounds in which both were measured without a doubt
 * @param median of the variant's values
 * @param baselineMedian of the baseline's values in the same rounds
 * @param ratio of the variant's values to the baseline's in the same rounds
 * @param difference of the variant's values from the baseline's, in the unit of the measure
 * @param detectable the smallest increase, as a factor, that such a run calls a difference in 80 %
 *     of cases
 * @param p of the Mann-Whitney test, corrected for all comparisons that were made together
 * @param leastP the p that the test gives where all values of one variant are above the other's
 */
public record Comparison(
    Measure measure,
    String variant,
    String baseline,
    int rounds,
    double median,
    double baselineMedian,
    Optional<Bootstrap.Interval> ratio,
    Optional<Bootstrap.Interval> difference,
    OptionalDouble detectable,
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

  /** Returns whether the run tells the variant apart from its baseline. */
  public boolean tellsApart() {
    return verdict() == Verdict.MORE || verdict() == Verdict.LESS;
  }

  /** Returns a difference only where both the interval and the test show it. */
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
}
