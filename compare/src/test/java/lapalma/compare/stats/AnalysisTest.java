package lapalma.compare.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lapalma.compare.Fixtures;
import lapalma.compare.result.Delivered;
import lapalma.compare.result.Delivered.Spans;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Trial;
import lapalma.compare.stats.Ratio.Verdict;
import org.junit.jupiter.api.Test;

class AnalysisTest {
  private static final int ROUNDS = 10;
  private static final Map<String, Double> EFFECTS =
      Map.of("bare", 1.0, "same", 1.0, "slow", 1.5, "quick", 0.6);

  private final List<Trial> trials = new ArrayList<>(Fixtures.trials(ROUNDS, EFFECTS, 3));

  @Test
  void findsWhatDiffersAndNothingElse() {
    Analysis analysis = analysis();

    assertThat(analysis.cost(Measure.CPU, "slow").verdict()).contains(Verdict.MORE);
    assertThat(analysis.cost(Measure.CPU, "quick").verdict()).contains(Verdict.LESS);
    assertThat(analysis.cost(Measure.CPU, "same").verdict()).contains(Verdict.WITHIN_25_PERCENT);
    assertThat(analysis.cost(Measure.CPU, "bare").ratio()).isEmpty();
    assertThat(analysis.cost(Measure.THROUGHPUT, "slow").ratio()).isPresent();
    assertThat(analysis.cost(Measure.THROUGHPUT, "slow").verdict()).isEmpty();
  }

  @Test
  void aRatioIsTheQuotientOfTheTwoValues() {
    Analysis analysis = analysis();

    assertThat(analysis.cost(Measure.CPU, "slow").ratio().orElseThrow().estimate())
        .isEqualTo(
            analysis.cost(Measure.CPU, "slow").value().orElseThrow()
                / analysis.cost(Measure.CPU, "bare").value().orElseThrow(),
            within(1e-9));
  }

  @Test
  void allRowsShareTheRoundsInWhichNoneIsInDoubt() {
    // Given a trial whose rate the generator did not reach
    replace(1, "slow", Map.of(Measure.CPU, "too few requests"), Optional.empty());

    // When
    Analysis analysis = analysis();

    // Then
    assertThat(List.of("bare", "same", "slow", "quick"))
        .allSatisfy(
            row -> {
              assertThat(analysis.cost(Measure.CPU, row).rounds()).isEqualTo(9);
              assertThat(analysis.cost(Measure.P99, row).rounds()).isEqualTo(10);
            });
  }

  @Test
  void aRowThatFailsInMostRoundsDoesNotCostTheOthersTheirs() {
    trials.removeIf(trial -> trial.variant().equals("slow") && trial.round() > 4);

    Analysis analysis = analysis();

    assertThat(analysis.cost(Measure.CPU, "slow").why()).isEqualTo("measured in 4 of 10 rounds");
    assertThat(analysis.cost(Measure.CPU, "quick").rounds()).isEqualTo(ROUNDS);
  }

  @Test
  void aRowThatDropsItsSpansHasNoCost() {
    for (int round = 1; round <= ROUNDS; round++) {
      var delivered = new Delivered(new Spans(390, 1000), new Spans(1000, 1000));
      replace(round, "slow", Map.of(), Optional.of(delivered));
    }

    Analysis analysis = analysis();

    assertThat(analysis.cost(Measure.CPU_SATURATED, "slow"))
        .isEqualTo(Cost.none("delivered 39.0 %"));
    assertThat(analysis.cost(Measure.CPU, "slow").verdict()).contains(Verdict.MORE);
  }

  @Test
  void oneRoundGivesValuesAndNoInterval() {
    trials.removeIf(trial -> trial.round() > 1);

    Cost cost = analysis().cost(Measure.CPU, "slow");

    assertThat(cost.value()).isPresent();
    assertThat(cost.ratio().orElseThrow().hasInterval()).isFalse();
    assertThat(cost.verdict()).isEmpty();
  }

  private Analysis analysis() {
    return new Analysis(Fixtures.plan(ROUNDS, "bare", "same", "slow", "quick"), trials);
  }

  private void replace(
      int round, String variant, Map<Measure, String> doubts, Optional<Delivered> delivered) {
    Trial old =
        trials.stream()
            .filter(trial -> trial.round() == round && trial.variant().equals(variant))
            .findFirst()
            .orElseThrow();
    trials.remove(old);
    trials.add(
        Fixtures.trial(
            round, variant, old.began(), new EnumMap<>(old.values()), doubts, delivered));
  }
}
