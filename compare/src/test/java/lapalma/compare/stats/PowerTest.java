package lapalma.compare.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import lapalma.compare.Fixtures;
import lapalma.compare.result.Measure;
import lapalma.compare.stats.Comparison.Verdict;
import org.junit.jupiter.api.Test;

class PowerTest {
  private static final int ROUNDS = 10;
  private static final int RUNS = 60;

  @Test
  void anIncreaseOfTheSizeThatItNamesIsFoundInFourOfFiveRuns() {
    double[] named =
        IntStream.range(0, RUNS)
            .mapToObj(seed -> comparison(1.0, seed).detectable())
            .mapToDouble(OptionalDouble::orElseThrow)
            .toArray();
    double typical = Analysis.median(named);

    long found =
        IntStream.range(RUNS, 2 * RUNS)
            .filter(seed -> comparison(typical, seed).verdict() == Verdict.MORE)
            .count();

    // Values of a trial vary by 1 %; without the pairing of a round they would vary by 10 %.
    assertThat(typical).isBetween(1.01, 1.3);
    assertThat(found / (double) RUNS).isBetween(0.65, 0.95);
  }

  @Test
  void theObservedDifferenceDoesNotChangeWhatCouldBeFound() {
    double without = comparison(1.0, 3).detectable().orElseThrow();
    double with = comparison(2.0, 3).detectable().orElseThrow();
    assertThat(with).isEqualTo(without);
  }

  @Test
  void moreRoundsFindSmallerDifferencesAndTooFewFindNone() {
    assertThat(detectable(40, 0.05)).isLessThan(detectable(ROUNDS, 0.05));
    assertThat(detectable(ROUNDS, 0.05 / 100)).isGreaterThan(detectable(ROUNDS, 0.05));
    double[] values = {10, 11, 12, 13, 14, 15};
    var interval = Bootstrap.ratio(values, values).orElseThrow();
    assertThat(Power.detectable(values, values, interval, 0.05 / 100)).isEmpty();
  }

  private static double detectable(int rounds, double level) {
    var analysis =
        new Analysis(
            Fixtures.plan(rounds, "bare", "same"),
            Fixtures.trials(rounds, Map.of("bare", 1.0, "same", 1.0), 7));
    double[] own = array(analysis, "same");
    double[] other = array(analysis, "bare");
    return Power.detectable(own, other, Bootstrap.ratio(own, other).orElseThrow(), level)
        .orElseThrow();
  }

  private static double[] array(Analysis analysis, String variant) {
    return analysis.values(Measure.THROUGHPUT, variant).values().stream()
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  private static Comparison comparison(double effect, int seed) {
    return new Analysis(
            Fixtures.plan(ROUNDS, "bare", "same"),
            Fixtures.trials(ROUNDS, Map.of("bare", 1.0, "same", effect), seed))
        .against(Measure.CPU, "same", "bare")
        .orElseThrow();
  }
}
