package lapalma.compare.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MannWhitneyTest {

  @Test
  void isExactWhereNoTwoValuesAreEqual() {
    // Of the 70 orders of four and four, two are as extreme.
    assertThat(MannWhitney.probability(new double[] {1, 2, 3, 4}, new double[] {5, 6, 7, 8}))
        .isCloseTo(2 / 70.0, within(1e-12));
  }

  @Test
  void isExactWhereValuesAreEqual() {
    assertThat(MannWhitney.probability(new double[] {1, 1, 2, 2}, new double[] {5, 5, 5, 7}))
        .isCloseTo(2 / 70.0, within(1e-12));
    // Values  1 1 | 1 2: of the 6 ways to choose two, 3 have the 2 and 3 do not.
    assertThat(MannWhitney.probability(new double[] {1, 1}, new double[] {1, 2}))
        .isCloseTo(1, within(1e-12));
  }

  @Test
  void countsEachWayOnceWhereTheSamplesOverlap() {
    // Ranks 1.5 1.5 3 4.5 4.5 6, own sum 7.5: of the 20 sums of three, 6 are at least 3 away from
    // the mean, 10.5.
    assertThat(MannWhitney.probability(new double[] {1, 1, 3}, new double[] {2, 3, 4}))
        .isCloseTo(6 / 20.0, within(1e-12));
  }

  @Test
  void saysNothingOfValuesThatAreAllTheSame() {
    assertThat(MannWhitney.probability(new double[] {3, 3}, new double[] {3, 3})).isEqualTo(1);
  }
}
