package lapalma.compare.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import lapalma.compare.Fixtures;
import lapalma.compare.result.Measure;
import org.junit.jupiter.api.Test;

class DiffTest {
  private static final int ROUNDS = 10;

  @Test
  void agreesWhereBothRunsSeeTheSameOrder() {
    List<Diff.Pair> pairs = Diff.pairs(run(1.5, 6), run(1.4, 7));
    assertThat(pairs).filteredOn(Diff.Pair::bothDiffer).hasSize(1);
    assertThat(pairs).noneMatch(Diff.Pair::contradicts);
  }

  @Test
  void seesAContradiction() {
    assertThat(Diff.pairs(run(1.5, 6), run(0.7, 7)))
        .filteredOn(Diff.Pair::contradicts)
        .extracting(pair -> pair.first().measure())
        .containsExactly(Measure.CPU);
  }

  @Test
  void countsWhatOnlyOneRunSees() {
    assertThat(Diff.pairs(run(1.5, 6), run(1, 7))).filteredOn(Diff.Pair::oneDiffers).hasSize(1);
  }

  private static Analysis run(double effect, long seed) {
    return new Analysis(
        Fixtures.plan(ROUNDS, "bare", "other"),
        Fixtures.trials(ROUNDS, Map.of("bare", 1.0, "other", effect), seed));
  }
}
