package lapalma.compare.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import lapalma.compare.Fixtures;
import lapalma.compare.result.Measure;
import org.junit.jupiter.api.Test;

class AaTestTest {
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

  @Test
  void letsOneMeasureOfManyFallShortByChance() {
    var chance = new AaTest.Score(20, 16);
    var bias = new AaTest.Score(20, 15);
    assertThat(chance.passes()).isFalse();
    assertThat(chance.mayBeChance()).isTrue();
    assertThat(bias.mayBeChance()).isFalse();
    assertThat(AaTest.together(List.of(chance, new AaTest.Score(20, 20))))
        .isEqualTo(new AaTest.Score(40, 36))
        .matches(AaTest.Score::passes);
  }

  private static AaTest.Score score(double effect) {
    int rounds = REPEATS * ROUNDS;
    var analysis =
        new Analysis(
            Fixtures.plan(rounds, "bare", "again"),
            Fixtures.trials(rounds, Map.of("bare", 1.0, "again", effect), 5));
    return AaTest.score(analysis, "again", "bare", ROUNDS).get(Measure.CPU);
  }
}
