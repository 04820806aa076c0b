package lapalma.compare.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import lapalma.compare.LabException;
import lapalma.compare.plan.Variant;
import lapalma.compare.plan.Variant.Signal;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Coverage.Finding;
import lapalma.compare.result.Delivered.Spans;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Results;
import lapalma.compare.result.Trial;
import lapalma.compare.stats.Analysis;
import lapalma.compare.stats.Cost;
import lapalma.compare.stats.Ratio;
import lapalma.compare.stats.Ratio.Verdict;

/**
 * One run of one app as readers get it: a table whose rows share their rounds. compare/README.md
 * describes the fields.
 *
 * @param id the day on which it began, the app, and the seed
 * @param command that repeats the run
 * @param raw the path of the archive of the raw results, or empty
 * @param facts what a reader must know of the run, a sentence each
 * @param left what did not run, and why
 */
@JsonInclude(Include.NON_EMPTY)
record ResultTable(
    String id,
    String app,
    String title,
    Instant began,
    int rounds,
    String command,
    String raw,
    List<String> facts,
    List<Row> rows,
    Map<String, String> left) {

  /**
   * A variant.
   *
   * @param versions of what it attaches, and the day on which the agent's was released
   * @param file the path of its file from the repository's root, or empty
   * @param baseline the row with which it is compared; its own name for a baseline
   * @param delivered the share of the expected spans that arrived at the fixed rate, from 0 to 1;
   *     empty where it was not counted, or no span is expected
   * @param unsteady the number of trials that were measured before the compilers rested
   */
  @JsonInclude(Include.NON_EMPTY)
  record Row(
      String name,
      String title,
      String versions,
      String file,
      String baseline,
      String note,
      Optional<Long> bytesOnDisk,
      Optional<Double> delivered,
      int unsteady,
      Map<Measure, Figure> costs,
      Map<Aspect, Finding> reports) {

    boolean isBaseline() {
      return baseline.equals(name);
    }
  }

  /**
   * A cost with four significant digits: {@code value / the baseline's value} is {@code ratio}.
   *
   * @param low the lower end of the 95 % interval of the ratio
   * @param why there is no value
   */
  @JsonInclude(Include.NON_EMPTY)
  record Figure(
      Optional<Double> value,
      Optional<Double> ratio,
      Optional<Double> low,
      Optional<Double> high,
      Optional<Verdict> verdict,
      String why) {

    static Figure of(Cost cost) {
      Optional<Ratio> interval = cost.ratio().filter(Ratio::hasInterval);
      return new Figure(
          cost.value().isPresent()
              ? Optional.of(rounded(cost.value().getAsDouble()))
              : Optional.empty(),
          cost.ratio().map(ratio -> rounded(ratio.estimate())),
          interval.map(ratio -> rounded(ratio.low())),
          interval.map(ratio -> rounded(ratio.high())),
          cost.verdict(),
          cost.why());
    }

    private static double rounded(double value) {
      return Double.parseDouble("%.4g".formatted(value));
    }
  }

  /**
   * Makes the table of a run.
   *
   * @param files tells the path of a variant's file, or an empty string
   * @param released tells the day of an agent's release from its coordinates, or an empty string,
   *     for runs of earlier builds
   * @throws LabException when nothing has been measured
   */
  static ResultTable of(
      Results results, String raw, UnaryOperator<String> files, UnaryOperator<String> released) {
    if (results.trials().isEmpty() && results.coverage().isEmpty()) {
      throw new LabException("Nothing has been measured in %s yet.".formatted(results.source()));
    }
    var analysis = new Analysis(results.plan(), results.trials());
    return new ResultTable(
        "%s-%s-%d"
            .formatted(
                results.began().toString().substring(0, 10),
                results.plan().app().name(),
                results.plan().seed()),
        results.plan().app().name(),
        results.plan().app().title(),
        results.began(),
        (int) results.trials().stream().map(Trial::round).distinct().count(),
        command(results),
        raw,
        new RunFacts(results).sentences(),
        results.plan().variants().stream()
            .map(
                variant ->
                    row(
                        results,
                        analysis,
                        variant,
                        files.apply(variant.name()),
                        variant.attachment().released().isEmpty()
                            ? released.apply(variant.attachment().agent())
                            : variant.attachment().released()))
            .toList(),
        results.plan().left());
  }

  private static Row row(
      Results results, Analysis analysis, Variant variant, String file, String released) {
    Map<Measure, Figure> costs = new LinkedHashMap<>();
    if (!results.trials().isEmpty()) {
      for (Measure measure : Measure.values()) {
        costs.put(measure, Figure.of(analysis.cost(measure, variant.name())));
      }
    }
    Spans spans = analysis.spans(Measure.CPU, variant.name());
    boolean counted = variant.claims(Signal.SPANS) && spans.due() > 0;
    return new Row(
        variant.name(),
        variant.title(),
        results.plan().versions().getOrDefault(variant.name(), "")
            + (released.isEmpty() ? "" : ", released " + released),
        file,
        variant.baseline(),
        variant.note(),
        Optional.ofNullable(results.plan().bytesOnDisk().get(variant.name())),
        counted ? Optional.of(Figure.rounded(spans.share())) : Optional.empty(),
        (int)
            results.trials().stream()
                .filter(trial -> trial.variant().equals(variant.name()) && !trial.steady())
                .count(),
        costs,
        results.coverage().containsKey(variant.name())
            ? results.coverage().get(variant.name()).findings()
            : Map.of());
  }

  private static String command(Results results) {
    return "compare run --app %s --variant %s --rounds %d --seed %d%s --out DIR"
        .formatted(
            results.plan().app().name(),
            String.join(",", results.plan().variants().stream().map(Variant::name).toList()),
            results.plan().rounds(),
            results.plan().seed(),
            results.plan().loadProfile().startsOnly() ? " --starts" : "");
  }
}
