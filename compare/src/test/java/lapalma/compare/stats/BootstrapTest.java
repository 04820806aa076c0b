package lapalma.compare.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BootstrapTest {
  private static final int ROUNDS = 10;

  @Test
  void findsAKnownEffect() {
    // Given ten rounds that differ by up to a fifth, and a variant 5 % above in each
    var random = new Random(1);
    double[] baseline = new double[ROUNDS];
    double[] values = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      baseline[i] = 100 * (1 + 0.2 * random.nextDouble());
      values[i] = baseline[i] * 1.05 * Math.exp(0.01 * random.nextGaussian());
    }

    // When
    var interval = Bootstrap.ratio(values, baseline).orElseThrow();

    // Then
    assertThat(interval.estimate()).isCloseTo(1.05, within(0.01));
    assertThat(interval.contains(1)).isFalse();
    assertThat(interval.contains(1.05)).isTrue();
  }

  @Test
  void containsOneNearlyAlwaysWhereThereIsNoEffect() {
    var random = new Random(2);
    int contained = 0;
    int repeats = 200;
    for (int repeat = 0; repeat < repeats; repeat++) {
      double[] one = new double[ROUNDS];
      double[] other = new double[ROUNDS];
      for (int i = 0; i < ROUNDS; i++) {
        one[i] = Math.exp(0.1 * random.nextGaussian());
        other[i] = Math.exp(0.1 * random.nextGaussian());
      }
      contained += Bootstrap.ratio(one, other).orElseThrow().contains(1) ? 1 : 0;
    }
    // The interval promises 95 %; 3 standard errors of 200 repeats are 4.6 points.
    assertThat(contained / (double) repeats).isBetween(0.90, 0.996);
  }

  @Test
  void isAPointWhereNothingVaries() {
    double[] baseline = {1, 2, 3, 4, 5, 6};
    double[] twice = {2, 4, 6, 8, 10, 12};
    var interval = Bootstrap.ratio(twice, baseline).orElseThrow();
    assertThat(interval.low()).isEqualTo(interval.high()).isCloseTo(2, within(1e-9));
  }

  @Test
  void staysFiniteWhereNearlyEveryRoundIsTheSame() {
    double[] baseline = {34, 34, 34, 34, 34, 34, 34, 34, 34, 34};
    double[] threads = {42, 42, 42, 42, 42, 42, 42, 42, 42, 39};
    var interval = Bootstrap.ratio(threads, baseline).orElseThrow();
    assertThat(interval.low()).isBetween(1.1, 1.24);
    assertThat(interval.high()).isBetween(1.23, 1.4);
  }

  @Test
  void doesNotGuessFromFiveRounds() {
    double[] values = {1, 2, 3, 4, 5};
    assertThat(Bootstrap.ratio(values, values)).isEmpty();
  }

  @Test
  void hasNoRatioToNothing() {
    assertThat(Bootstrap.ratio(new double[] {1, 2, 3, 4, 5, 6}, new double[6])).isEmpty();
  }

  @Test
  void saysTheSameOfTheSameResults() {
    double[] values = {1.1, 1.2, 1.05, 1.3, 1.15, 1.2};
    double[] baseline = {1, 1.1, 1, 1.2, 1, 1.1};
    assertThat(Bootstrap.ratio(values, baseline)).isEqualTo(Bootstrap.ratio(values, baseline));
  }
}
