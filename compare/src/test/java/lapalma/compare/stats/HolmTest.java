package lapalma.compare.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class HolmTest {

  @Test
  void correctsTheSmallestMost() {
    assertThat(Holm.adjust(new double[] {0.04, 0.01, 0.03}))
        .containsExactly(new double[] {0.06, 0.03, 0.06}, within(1e-12));
  }

  @Test
  void keepsTheOrderAndStaysAProbability() {
    assertThat(Holm.adjust(new double[] {0.9, 0.5, 0.001}))
        .containsExactly(new double[] {1, 1, 0.003}, within(1e-12));
  }

  @Test
  void correctsNothingWhereThereIsNothing() {
    assertThat(Holm.adjust(new double[0])).isEmpty();
  }
}
