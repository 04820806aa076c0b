package lapalma.compare.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lapalma.compare.Fixtures;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Coverage;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Coverage.Finding;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Results;
import lapalma.compare.result.Trial;
import org.junit.jupiter.api.Test;

class AnswerTest {
  private static final int ROUNDS = 10;
  private static final Finding ALL = Finding.of(18, 18);

  private final Map<String, Coverage> coverage = new HashMap<>();

  @Test
  void takesTheCheapestOfThoseThatGiveWhatOneWants() {
    reports("cheap", ALL, Aspect.SERVER_SPANS);
    reports("dear", ALL, Aspect.SERVER_SPANS, Aspect.ROUTE, Aspect.METHOD);
    reports("cheapest", Finding.none(), Aspect.SERVER_SPANS);

    assertThat(answers(Map.of("bare", 1.0, "cheapest", 1.1, "cheap", 1.5, "dear", 2.0)))
        .extracting(answer -> answer.take().name() + " for " + answer.text())
        .containsExactly(
            "cheap for every request traced; or traces and a short start",
            "dear for routes, and spans of your own methods");
  }

  @Test
  void namesWhatCannotBeToldApart() {
    reports("one", ALL, Aspect.SERVER_SPANS);
    reports("other", ALL, Aspect.SERVER_SPANS);
    reports("dear", ALL, Aspect.SERVER_SPANS);

    List<Answer> answers = answers(Map.of("bare", 1.0, "one", 1.5, "other", 1.5, "dear", 2.0));

    assertThat(answers.get(0).alike().get(Measure.CPU_SATURATED))
        .extracting(Variant::name)
        .containsExactlyInAnyOrderElementsOf(
            answers.get(0).take().name().equals("one") ? List.of("other") : List.of("one"));
  }

  @Test
  void tellsVariantsOfTwoSittingsApartIfTheirIntervalsDoNotOverlap() {
    // Given three sittings, each of one variant
    reports("one", ALL, Aspect.SERVER_SPANS);
    reports("other", ALL, Aspect.SERVER_SPANS);
    reports("dear", ALL, Aspect.SERVER_SPANS);

    List<Answer> answers =
        answers(
            List.of(
                run(Map.of("bare", 1.0, "one", 1.5)),
                run(Map.of("bare", 1.0, "other", 1.505)),
                run(Map.of("bare", 1.0, "dear", 2.0))));

    assertThat(answers).hasSize(1);
    String take = answers.get(0).take().name();
    assertThat(take).isIn("one", "other");
    assertThat(answers.get(0).alike())
        .containsOnlyKeys(Measure.CPU_SATURATED, Measure.START)
        .allSatisfy(
            (measure, variants) ->
                assertThat(variants)
                    .extracting(Variant::name)
                    .containsExactly(take.equals("one") ? "other" : "one"));
  }

  @Test
  void anotherIsAlikeWhereItGivesWhatOneWants() {
    reports("full", ALL, Aspect.SERVER_SPANS, Aspect.ROUTE, Aspect.METHOD);
    reports("spans", ALL, Aspect.SERVER_SPANS);
    Map<String, Double> effects = new LinkedHashMap<>();
    effects.put("bare", 1.0);
    effects.put("full", 1.5);
    effects.put("spans", 1.505);

    List<Answer> answers = answers(effects);

    assertThat(answers)
        .extracting(Answer::wants)
        .containsExactly(List.of(Want.EVERY_REQUEST, Want.START), List.of(Want.METHODS));
    assertThat(answers).extracting(answer -> answer.take().name()).containsOnly("full");
    assertThat(answers.get(0).alike())
        .containsOnlyKeys(Measure.CPU_SATURATED, Measure.START)
        .allSatisfy(
            (measure, variants) ->
                assertThat(variants).extracting(Variant::name).containsExactly("spans"));
    assertThat(answers.get(1).alike()).isEqualTo(Map.of(Measure.CPU_SATURATED, Set.of()));
  }

  @Test
  void aSampleIsWhatIsSentUnderLoad() {
    // Given two variants of which one request arrived: its caller sampled it
    reports("none", Finding.of(1, 18), Aspect.SERVER_SPANS);
    reports("tenth", Finding.of(1, 18), Aspect.SERVER_SPANS);
    coverage.replaceAll(
        (name, known) -> {
          Map<Aspect, Finding> findings = new HashMap<>(known.findings());
          findings.put(Aspect.HTTP_METRICS, ALL);
          return new Coverage(name, known.at(), findings, known.metrics());
        });

    // When under load one sends the spans of a tenth of the requests
    Results run =
        run(
            Map.of("bare", 1.0, "none", 1.1, "tenth", 1.2),
            Map.of("bare", 0.0, "none", 0.7, "tenth", 25.0));

    assertThat(answers(List.of(run)))
        .extracting(answer -> answer.take().name() + " for " + answer.text())
        .containsExactly("tenth for traces of a sample, and metrics of every request");
  }

  @Test
  void ofVariantsThatCannotBeToldApartItTakesTheOneThatStartsSoonest() {
    reports("cheap", ALL, Aspect.SERVER_SPANS);
    reports("soon", ALL, Aspect.SERVER_SPANS);
    Results run = run(Map.of("bare", 1.0, "cheap", 1.5, "soon", 1.505));
    List<Trial> trials =
        run.trials().stream()
            .map(
                trial -> {
                  Map<Measure, Double> values = new HashMap<>(trial.values());
                  values.computeIfPresent(
                      Measure.START,
                      (start, value) -> trial.variant().equals("soon") ? value / 2 : value);
                  return Fixtures.trial(trial.round(), trial.variant(), values);
                })
            .toList();

    List<Answer> answers =
        answers(
            List.of(
                new Results(
                    run.source(),
                    run.plan(),
                    run.sessions(),
                    trials,
                    run.coverage(),
                    run.scores())));

    assertThat(answers).hasSize(1);
    assertThat(answers.get(0).take().name()).isEqualTo("soon");
    assertThat(answers.get(0).alike().get(Measure.CPU_SATURATED))
        .extracting(Variant::name)
        .containsExactly("cheap");
    assertThat(answers.get(0).alike().get(Measure.START)).isEmpty();
  }

  private void reports(String variant, Finding finding, Aspect... aspects) {
    coverage.put(variant, Fixtures.coverage(variant, finding, aspects));
  }

  private List<Answer> answers(Map<String, Double> effects) {
    return answers(List.of(run(effects)));
  }

  private static List<Answer> answers(List<Results> runs) {
    return new Tables(AppResults.of(runs).get(0)).answers();
  }

  private Results run(Map<String, Double> effects) {
    return run(effects, Map.of());
  }

  /** Returns a run where an effect changes every measure but the bytes sent per request. */
  private Results run(Map<String, Double> effects, Map<String, Double> sent) {
    List<Trial> trials =
        Fixtures.trials(ROUNDS, effects, 4).stream()
            .map(
                trial -> {
                  Map<Measure, Double> values = new HashMap<>(trial.values());
                  values.put(Measure.CPU_SATURATED, trial.values().get(Measure.CPU));
                  values.put(Measure.START, trial.values().get(Measure.CPU));
                  values.put(Measure.EXPORTED, sent.getOrDefault(trial.variant(), 0.0));
                  return Fixtures.trial(trial.round(), trial.variant(), values);
                })
            .toList();
    return new Results(
        Path.of("run"),
        Fixtures.plan(ROUNDS, effects.keySet().toArray(String[]::new)),
        List.of(),
        trials,
        coverage,
        Map.of());
  }
}
