package lapalma.compare.stats;

import java.util.Optional;
import java.util.OptionalDouble;
import lapalma.compare.stats.Ratio.Verdict;

/**
 * One measure of one row of a table.
 *
 * @param rounds that the rows of the table share
 * @param value the geometric mean of these rounds; empty where there is none to trust
 * @param why there is no value, such as {@code delivered 39.0 %}; empty where there is one
 * @param ratio to the baseline; empty for a baseline, and where one of the two has no value
 * @param verdict empty for a measure on which the table gives none
 */
public record Cost(
    int rounds,
    OptionalDouble value,
    String why,
    Optional<Ratio> ratio,
    Optional<Verdict> verdict) {

  static Cost none(String why) {
    return new Cost(0, OptionalDouble.empty(), why, Optional.empty(), Optional.empty());
  }
}
