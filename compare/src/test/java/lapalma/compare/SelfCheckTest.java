package lapalma.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SelfCheckTest {
  private static final int REPEATS = 20;
  private static final int ROUNDS = 10;

  @Test
  void passesWhereNothingDiffers() {
    assertThat(score(1))
        .satisfies(
            score -> {
              assertThat(score.repeats()).isEqualTo(REPEATS);
              assertThat(score.passes()).isTrue();
            });
  }

  @Test
  void failsWhereTheLabFavoursOne() {
    assertThat(score(1.05).passes()).isFalse();
  }

  private static SelfCheck.Score score(double effect) {
    int rounds = REPEATS * ROUNDS;
    var analysis =
        new Analysis(
            Fixtures.plan(rounds, "bare", "again"),
            Fixtures.trials(rounds, Map.of("bare", 1.0, "again", effect), 5));
    return SelfCheck.score(analysis, "again", "bare", ROUNDS).get(Measure.CPU);
  }
}
