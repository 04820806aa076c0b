package lapalma.dice;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DiceTest {
  private static final int ROLLS = 600_000;

  /**
   * The 1 - 10⁻⁹ quantile of the chi-squared distribution with 5 degrees of freedom: a fair dice
   * fails this test once in 10⁹ runs.
   */
  private static final double CHI_SQUARED_LIMIT = 51.7;

  @Test
  void everyFaceFromOneToSixIsEquallyLikely() {
    var dice = new Dice();
    int[] counts = new int[Dice.FACES + 1];

    for (int i = 0; i < ROLLS; i++) {
      counts[dice.roll()]++;
    }

    assertThat(counts[0]).isZero();
    double expected = (double) ROLLS / Dice.FACES;
    double chiSquared =
        Arrays.stream(counts, 1, counts.length)
            .mapToDouble(count -> (count - expected) * (count - expected) / expected)
            .sum();
    assertThat(chiSquared).isLessThan(CHI_SQUARED_LIMIT);
  }
}
