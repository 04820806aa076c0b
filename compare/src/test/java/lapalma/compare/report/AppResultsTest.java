package lapalma.compare.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lapalma.compare.Fixtures;
import lapalma.compare.LabException;
import lapalma.compare.host.RunEnvironment;
import lapalma.compare.plan.Plan;
import lapalma.compare.plan.Variant;
import lapalma.compare.plan.Workload;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Results;
import lapalma.compare.result.Trial;
import lapalma.compare.stats.Analysis;
import lapalma.compare.stats.Bootstrap;
import org.junit.jupiter.api.Test;

class AppResultsTest {
  private static final int ROUNDS = 6;
  private static final RunEnvironment MACHINE = Fixtures.machine("a processor", "17.0.1");

  @Test
  void aRatioPairsValuesOfOneSittingHoweverTheMachineChangedBetweenTwo() {
    // Given two sittings; the machine was twice as slow in the second
    Results first = run("first", trials(Map.of("bare", 1.0, "one", 1.5)), "bare", "one");
    Results second = run("second", trials(Map.of("bare", 2.0, "two", 6.0)), "bare", "two");

    // When
    AppResults joined = only(AppResults.of(List.of(first, second)));

    // Then
    assertThat(joined.sittings()).isEqualTo(2);
    assertThat(joined.plan().variants())
        .extracting(Variant::name)
        .containsExactly("bare", "one", "two");
    assertThat(ratio(joined, "one")).isCloseTo(1.5, within(0.03));
    assertThat(ratio(joined, "two")).isCloseTo(3, within(0.06));
    assertThat(joined.unpaired()).isZero();
  }

  @Test
  void aTrialAfterALongPauseIsNotPairedWithOneBeforeIt() {
    // Given a run that was stopped within its last round, and continued an hour later
    List<Trial> trials = new ArrayList<>(trials(Map.of("bare", 1.0)));
    trials.addAll(trials(Map.of("one", 1.5)));
    Trial last = trials.remove(trials.size() - 1);
    trials.add(at(last, AppResults.PAUSE.multipliedBy(4)));

    // When
    AppResults joined = only(AppResults.of(List.of(run("run", trials, "bare", "one"))));

    // Then
    assertThat(joined.sittings()).isEqualTo(2);
    assertThat(joined.unpaired()).isEqualTo(1);
    assertThat(
            new Analysis(joined.plan(), joined.trials())
                .against(Measure.CPU, "one", "bare")
                .orElseThrow()
                .rounds())
        .isEqualTo(ROUNDS - 1);
  }

  @Test
  void aTrialThatIsRepeatedSoonBelongsToTheSameSitting() {
    List<Trial> trials = new ArrayList<>(trials(Map.of("bare", 1.0)));
    trials(Map.of("one", 1.5))
        .forEach(trial -> trials.add(at(trial, AppResults.PAUSE.minusMinutes(1))));

    AppResults joined = only(AppResults.of(List.of(run("run", trials, "bare", "one"))));

    assertThat(joined.sittings()).isEqualTo(1);
    assertThat(joined.unpaired()).isZero();
  }

  @Test
  void runsOfAnotherMachineOrJdkAreRefused() {
    List<Trial> trials = trials(Map.of("bare", 1.0));
    Results one = run("one", trials, "bare");

    assertThatThrownBy(
            () -> AppResults.of(List.of(one, on(Fixtures.machine("another", "17.0.1"), one))))
        .isInstanceOf(LabException.class)
        .hasMessage(
            "one and other were measured with different machines: a processor with 2 cores, 16 GiB, a system, and another with 2 cores, 16 GiB, a system. Report them separately.");
    assertThatThrownBy(
            () -> AppResults.of(List.of(one, on(Fixtures.machine("a processor", "17.0.2"), one))))
        .hasMessageContaining("different JDKs: 17.0.1, and 17.0.2");
  }

  @Test
  void aRunThatWasContinuedOnAnotherMachineIsRefused() {
    Results run = run("run", trials(Map.of("bare", 1.0)), "bare");
    Results moved =
        new Results(
            run.source(),
            run.plan(),
            List.of(MACHINE, Fixtures.machine("another", "17.0.1")),
            run.trials(),
            Map.of(),
            Map.of());

    assertThatThrownBy(() -> AppResults.of(List.of(moved)))
        .isInstanceOf(LabException.class)
        .hasMessage(
            "run was continued with different machines: a processor with 2 cores, 16 GiB, a system, and another with 2 cores, 16 GiB, a system. Report another run.");
  }

  @Test
  void anAppHasOnlyTheSittingsInWhichItWasMeasured() {
    // Given a run that measured one app, and after a pause another
    Variant bare = Fixtures.variant("bare");
    Variant flask = Fixtures.variant("flask").of(Fixtures.apps().get("flask")).onJdk(0, "flask");
    List<Trial> trials = new ArrayList<>(trials(Map.of("bare", 1.0)));
    trials(Map.of("flask", 1.0))
        .forEach(trial -> trials.add(at(trial, AppResults.PAUSE.multipliedBy(4))));
    var run =
        new Results(
            Path.of("run"),
            Fixtures.plan(ROUNDS, List.of(bare, flask)),
            List.of(MACHINE),
            trials,
            Map.of(),
            Map.of());

    assertThat(AppResults.of(List.of(run)))
        .extracting(AppResults::app, AppResults::sittings)
        .containsExactlyInAnyOrder(tuple("dice", 1), tuple("flask", 1));
  }

  @Test
  void aVariantThatChangedBetweenTwoRunsIsRefused() {
    Results one = run("one", trials(Map.of("bare", 1.0)), "bare", "agent");
    Plan plan = one.plan();
    Variant agent = plan.variants().get(1);
    Variant changed =
        Fixtures.withWorkload("agent", agent.under(Workload.Axis.HEAP, 64).workload());
    Results other =
        new Results(
            Path.of("other"),
            Fixtures.plan(ROUNDS, List.of(plan.variants().get(0), changed)),
            one.sessions(),
            one.trials(),
            Map.of(),
            Map.of());

    assertThatThrownBy(() -> AppResults.of(List.of(one, other)))
        .isInstanceOf(LabException.class)
        .hasMessage(
            "agent is defined differently in other and in one: report only one of the two runs.");
  }

  private static AppResults only(List<AppResults> apps) {
    assertThat(apps).hasSize(1);
    return apps.get(0);
  }

  private static double ratio(AppResults results, String variant) {
    return new Analysis(results.plan(), results.trials())
        .against(Measure.CPU, variant, "bare")
        .flatMap(one -> one.ratio())
        .map(Bootstrap.Interval::estimate)
        .orElseThrow();
  }

  private static List<Trial> trials(Map<String, Double> effects) {
    return Fixtures.trials(ROUNDS, effects, 3);
  }

  private static Trial at(Trial trial, Duration later) {
    return Fixtures.trial(
        trial.round(),
        trial.variant(),
        trial.began().plus(later),
        trial.values(),
        trial.doubts(),
        trial.delivered());
  }

  private static Results run(String source, List<Trial> trials, String... variants) {
    return new Results(
        Path.of(source),
        Fixtures.plan(ROUNDS, variants),
        List.of(MACHINE),
        trials,
        Map.of(),
        Map.of());
  }

  private static Results on(RunEnvironment machine, Results run) {
    return new Results(
        Path.of("other"), run.plan(), List.of(machine), run.trials(), run.coverage(), run.scores());
  }
}
