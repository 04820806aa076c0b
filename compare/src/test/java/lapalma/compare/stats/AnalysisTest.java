package lapalma.compare.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lapalma.compare.Fixtures;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Trial;
import lapalma.compare.stats.Comparison.Verdict;
import org.junit.jupiter.api.Test;

class AnalysisTest {
  private static final int ROUNDS = 10;
  private static final Map<String, Double> EFFECTS =
      Map.of("bare", 1.0, "same", 1.0, "slow", 1.5, "quick", 0.6);

  private final Analysis analysis =
      new Analysis(
          Fixtures.plan(ROUNDS, "bare", "same", "slow", "quick"),
          Fixtures.trials(ROUNDS, EFFECTS, 3));

  @Test
  void tellsApartWhatDiffersAndNothingElse() {
    assertThat(verdict("slow", Measure.CPU)).isEqualTo(Verdict.MORE);
    assertThat(verdict("quick", Measure.CPU)).isEqualTo(Verdict.LESS);
    assertThat(verdict("same", Measure.CPU)).isEqualTo(Verdict.CANNOT_BE_TOLD_APART);
    assertThat(analysis.againstBaselines())
        .filteredOn(comparison -> comparison.measure() != Measure.CPU)
        .extracting(Comparison::verdict)
        .containsOnly(Verdict.CANNOT_BE_TOLD_APART);
  }

  @Test
  void aQuestionThatWasAskedBeforeIsNotCorrected() {
    // Given
    Comparison amongMany = comparison("slow", Measure.CPU);

    // When
    Comparison alone = analysis.against(Measure.CPU, "slow", "bare").orElseThrow();

    // Then
    int comparisons = analysis.againstBaselines().size();
    assertThat(amongMany.p()).isGreaterThan(alone.p()).isLessThanOrEqualTo(comparisons * alone.p());
    assertThat(alone.ratio()).isEqualTo(amongMany.ratio());
    assertThat(analysis.against(Measure.CPU, "slow", "nobody")).isEmpty();
  }

  @Test
  void correctsTheComparisonsWithEachBaselineByThemselves() {
    // Given two variants on another JDK
    Variant other = Fixtures.variant("quick").onJdk(25, "same");
    Variant otherBaseline = Fixtures.variant("same").onJdk(25, "same");
    List<Variant> one = List.of(Fixtures.variant("bare"), Fixtures.variant("slow"));
    List<Trial> trials = Fixtures.trials(ROUNDS, EFFECTS, 3);

    // When
    var both =
        new Analysis(
            Fixtures.plan(ROUNDS, List.of(one.get(0), otherBaseline, one.get(1), other)), trials);

    // Then
    assertThat(both.againstBaselines())
        .filteredOn(comparison -> comparison.baseline().equals("bare"))
        .isEqualTo(new Analysis(Fixtures.plan(ROUNDS, one), trials).againstBaselines());
    assertThat(both.againstBaselines()).extracting(Comparison::variant).contains("slow", "quick");
  }

  @Test
  void comparesEveryPairOnce() {
    assertThat(analysis.pairs()).hasSize(6 * Measure.values().length);
  }

  @Test
  void leavesOutWhatIsInDoubt() {
    // Given a trial whose throughput the generator may have limited
    List<Trial> trials = new ArrayList<>(Fixtures.trials(ROUNDS, EFFECTS, 3));
    trials.removeIf(trial -> trial.round() == 1 && trial.variant().equals("slow"));
    var values = new EnumMap<>(Map.of(Measure.CPU, 75.0, Measure.THROUGHPUT, 1.0));
    trials.add(
        Fixtures.trial(
            1,
            "slow",
            Fixtures.BEGAN,
            values,
            Map.of(Measure.THROUGHPUT, "no headroom"),
            Optional.empty()));

    // When
    var doubted = new Analysis(Fixtures.plan(ROUNDS, "bare", "slow"), trials);

    // Then
    assertThat(doubted.values(Measure.THROUGHPUT, "slow")).doesNotContainKey(1).hasSize(9);
    assertThat(doubted.values(Measure.CPU, "slow")).containsKey(1);
    assertThat(doubted.doubts())
        .isEqualTo(Map.of(Measure.THROUGHPUT, Map.of("slow", List.of("no headroom"))));
  }

  @Test
  void saysNothingOfTooFewRounds() {
    var few = new Analysis(Fixtures.plan(5, "bare", "slow"), Fixtures.trials(5, EFFECTS, 4));
    assertThat(few.againstBaselines())
        .extracting(Comparison::verdict)
        .containsOnly(Verdict.TOO_FEW_ROUNDS);
  }

  @Test
  void saysNothingWhereSoManyComparisonsTakeMoreRounds() {
    // Given all measures of two variants, in which six rounds cannot give a p below 0.05
    var few =
        new Analysis(Fixtures.plan(6, "bare", "same", "slow"), Fixtures.trials(6, EFFECTS, 4));
    var enough =
        new Analysis(Fixtures.plan(7, "bare", "same", "slow"), Fixtures.trials(7, EFFECTS, 4));

    // Then
    assertThat(few.againstBaselines())
        .extracting(Comparison::verdict)
        .containsOnly(Verdict.TOO_FEW_ROUNDS);
    assertThat(enough.againstBaselines()).extracting(Comparison::verdict).contains(Verdict.MORE);
  }

  @Test
  void takesTheMiddle() {
    assertThat(Analysis.median(new double[] {3, 1, 2})).isEqualTo(2);
    assertThat(Analysis.median(new double[] {4, 1, 2, 3})).isEqualTo(2.5);
  }

  private Verdict verdict(String variant, Measure measure) {
    return comparison(variant, measure).verdict();
  }

  private Comparison comparison(String variant, Measure measure) {
    return analysis.againstBaselines().stream()
        .filter(one -> one.variant().equals(variant) && one.measure() == measure)
        .findFirst()
        .orElseThrow();
  }
}
