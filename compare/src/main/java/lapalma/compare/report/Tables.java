package lapalma.compare.report;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import lapalma.compare.LabException;
import lapalma.compare.plan.Protocol;
import lapalma.compare.plan.Variant;
import lapalma.compare.report.Table.Cell;
import lapalma.compare.report.Table.Style;
import lapalma.compare.result.Coverage;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Coverage.Grade;
import lapalma.compare.result.Delivered.Spans;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Score;
import lapalma.compare.stats.Analysis;
import lapalma.compare.stats.Bootstrap;
import lapalma.compare.stats.Comparison;
import lapalma.compare.stats.Comparison.Verdict;

/** The tables about one app. */
final class Tables {
  /** The measures by which a reader chooses. */
  static final List<Measure> ANSWER_MEASURES =
      List.of(Measure.START, Measure.CPU_SATURATED, Measure.RESIDENT);

  private static final List<Measure> REQUEST_MEASURES =
      List.of(Measure.THROUGHPUT, Measure.CPU_SATURATED, Measure.CPU, Measure.P99, Measure.P999);

  private static final List<Measure> START_MEASURES =
      List.of(
          Measure.START,
          Measure.START_CPU,
          Measure.RESIDENT,
          Measure.HEAP,
          Measure.ALLOCATED,
          Measure.EXPORTED);

  /** The measures of a comparison of two variants. */
  private static final List<Measure> COMPARED_MEASURES =
      List.of(
          Measure.THROUGHPUT,
          Measure.CPU_SATURATED,
          Measure.CPU,
          Measure.P99,
          Measure.ALLOCATED,
          Measure.START,
          Measure.START_CPU,
          Measure.RESIDENT);

  /** Aspects that only the full table shows. */
  private static final Set<Aspect> MINOR_ASPECTS =
      EnumSet.of(
          Aspect.NAMES,
          Aspect.STATUS,
          Aspect.B3,
          Aspect.ALL_METRICS,
          Aspect.EXEMPLARS,
          Aspect.CONVENTIONS,
          Aspect.PROFILES);

  private final AppResults results;
  private final Analysis analysis;
  private final List<Answer> answers;
  private final List<Comparison> comparisons;
  private final Map<String, Map<Measure, Comparison>> byVariant = new HashMap<>();
  private final List<Variant> variants;
  private final List<Variant> mainVariants;

  Tables(AppResults results) {
    this.results = results;
    this.analysis = new Analysis(results.plan(), results.trials());
    this.answers = Answer.of(results, analysis);
    this.comparisons = analysis.againstBaselines();
    for (Comparison one : comparisons) {
      byVariant.computeIfAbsent(one.variant(), any -> new HashMap<>()).put(one.measure(), one);
    }
    // Each baseline stands before its variants, which are in the order of their CPU.
    Set<String> main = results.mainBand().stream().map(Variant::baseline).collect(toSet());
    this.variants =
        results.plan().variants().stream()
            .sorted(
                Comparator.comparing((Variant variant) -> !main.contains(variant.baseline()))
                    .thenComparing(Variant::baseline)
                    .thenComparing(variant -> !variant.isBaseline())
                    .thenComparing(this::cpuRatio))
            .toList();
    this.mainVariants =
        variants.stream()
            .filter(variant -> main.isEmpty() || main.contains(variant.baseline()))
            .toList();
  }

  private double cpuRatio(Variant variant) {
    return comparison(variant, Measure.CPU_SATURATED)
        .or(() -> comparison(variant, Measure.CPU))
        .flatMap(Comparison::ratio)
        .map(Bootstrap.Interval::estimate)
        .orElse(Double.MAX_VALUE);
  }

  AppResults results() {
    return results;
  }

  Analysis analysis() {
    return analysis;
  }

  List<Answer> answers() {
    return answers;
  }

  List<Variant> variants() {
    return variants;
  }

  /** Returns the baseline that most variants have, and these variants. */
  List<Variant> mainVariants() {
    return mainVariants;
  }

  /** Returns the variants that have a baseline, by it. */
  Map<Variant, List<Variant>> byBaseline() {
    Map<Variant, List<Variant>> bands = new LinkedHashMap<>();
    for (Variant baseline : variants) {
      List<Variant> band =
          variants.stream()
              .filter(one -> one.baseline().equals(baseline.name()) && !one.isBaseline())
              .toList();
      if (!band.isEmpty()) {
        bands.put(baseline, band);
      }
    }
    return bands;
  }

  /** Returns a variant's title without what its baseline's title says too, such as the JDK. */
  String shortTitle(Variant variant) {
    String title = baseline(variant).title();
    int more = title.indexOf(", ");
    return more < 0 || variant.isBaseline()
        ? variant.title()
        : variant.title().replace(title.substring(more), "");
  }

  /** Returns the comparisons of every variant with its baseline. */
  List<Comparison> comparisons() {
    return comparisons;
  }

  Optional<Comparison> comparison(Variant variant, Measure measure) {
    return Optional.ofNullable(byVariant.getOrDefault(variant.name(), Map.of()).get(measure));
  }

  /** Returns which variant to take for which want, and what it costs and reports. */
  Table answer() {
    List<String> head = new ArrayList<>(List.of("If you want", "take"));
    ANSWER_MEASURES.forEach(measure -> head.add(measure.title()));
    head.add("It reports");
    List<List<Cell>> rows = new ArrayList<>();
    for (Answer answer : answers) {
      List<Cell> row = new ArrayList<>();
      row.add(Cell.text(answer.text()));
      row.add(new Cell(shortTitle(answer.take()), alike(answer), Double.NaN, Style.PLAIN));
      ANSWER_MEASURES.forEach(measure -> row.add(cost(answer.take(), measure)));
      row.add(Cell.text(reports(answer.take()) + score(answer.take())));
      rows.add(row);
    }
    return new Table("answer-" + id(), head, rows);
  }

  Variant baseline(Variant variant) {
    return variants.stream()
        .filter(other -> other.name().equals(variant.baseline()))
        .findFirst()
        .orElse(variant);
  }

  private String alike(Answer answer) {
    List<String> sentences = new ArrayList<>();
    answer
        .alike()
        .forEach(
            (measure, others) -> {
              if (!others.isEmpty()) {
                sentences.add(
                    "%s does not differ significantly from that of %s"
                        .formatted(
                            measure == Measure.START ? "Start" : "CPU",
                            others.stream().map(this::shortTitle).collect(joining("; "))));
              }
            });
    return String.join(". ", sentences);
  }

  /** Says in a few words what arrived from a variant. */
  private String reports(Variant variant) {
    List<String> parts = new ArrayList<>();
    reported(variant, Aspect.SERVER_SPANS, "requests").ifPresent(parts::add);
    reported(variant, Aspect.ROUTE, "routes").ifPresent(parts::add);
    reported(variant, Aspect.METHOD, "methods").ifPresent(parts::add);
    reported(variant, Aspect.LOGS, "log records").ifPresent(parts::add);
    reported(variant, Aspect.HTTP_METRICS, "HTTP metrics").ifPresent(parts::add);
    reported(variant, Aspect.JVM_METRICS, "JVM metrics").ifPresent(parts::add);
    return parts.isEmpty() ? "nothing" : String.join(", ", parts);
  }

  private String score(Variant variant) {
    return found(variant, Aspect.SCORE)
        .filter(score -> score.grade() != Grade.NOT_MEASURED)
        .map(score -> "; score " + shortened(score.text()))
        .orElse("");
  }

  private Optional<String> reported(Variant variant, Aspect aspect, String what) {
    return found(variant, aspect)
        .filter(found -> found.grade() == Grade.GOOD || found.grade() == Grade.PARTLY)
        .map(found -> found.grade() == Grade.GOOD ? what : "some " + what);
  }

  private Optional<Coverage.Finding> found(Variant variant, Aspect aspect) {
    return Optional.ofNullable(results.coverage().get(variant.name()))
        .map(known -> known.findings().get(aspect));
  }

  /** Returns what a request costs. */
  Table requests(List<Variant> shown) {
    return costs("requests", shown, REQUEST_MEASURES, Map.of());
  }

  /** Returns what an attached agent costs besides. */
  Table starts(List<Variant> shown) {
    return costs("starts", shown, START_MEASURES, Map.of("On disk", this::onDisk));
  }

  /**
   * Returns what the same variants add to a request in different apps.
   *
   * @return a table without rows where no variant was measured with two apps
   */
  static Table acrossApps(List<Tables> all) {
    List<Tables> apps = all.stream().filter(app -> !app.results.trials().isEmpty()).toList();
    List<String> head = new ArrayList<>(List.of("Variant"));
    apps.forEach(app -> head.add("CPU added per request of " + app.results.app()));
    Map<String, List<Cell>> rows = new LinkedHashMap<>();
    apps.stream()
        .flatMap(app -> app.variants.stream())
        .filter(variant -> !variant.isBaseline())
        .forEach(
            variant ->
                rows.computeIfAbsent(
                    variant.name(),
                    name -> {
                      List<Cell> row = new ArrayList<>(List.of(Cell.text(variant.title())));
                      apps.forEach(app -> row.add(app.added(name)));
                      return row;
                    }));
    List<List<Cell>> shared =
        rows.values().stream()
            .filter(
                row ->
                    row.stream().skip(1).filter(cell -> cell.style() != Style.UNKNOWN).count() > 1)
            .toList();
    return new Table("apps", head, shared);
  }

  /** Returns the CPU time that a variant adds to a request, and the ratio. */
  private Cell added(String variant) {
    Comparison known = byVariant.getOrDefault(variant, Map.of()).get(Measure.CPU_SATURATED);
    if (known == null) {
      return Cell.nothing("not measured");
    }
    double added =
        known
            .difference()
            .map(Bootstrap.Interval::estimate)
            .orElse(known.median() - known.baselineMedian());
    return new Cell(
            "%+.1f µs%s"
                .formatted(
                    added,
                    known
                        .difference()
                        .map(one -> " [%.1f, %.1f]".formatted(one.low(), one.high()))
                        .orElse("")),
            known.ratio().map(Figures::ratio).orElse("") + (known.tellsApart() ? "" : " ~"),
            added,
            Style.PLAIN)
        .and(undelivered(variant, Measure.CPU_SATURATED));
  }

  /** Returns what some variants cost and report, in this order. */
  Table glance(List<String> names) {
    return costs(
        "glance",
        names.stream().map(this::variant).toList(),
        Map.of("Agent", variant -> Cell.text(shortTitle(variant))),
        List.of(Measure.START, Measure.CPU_SATURATED),
        Map.of("It reports", variant -> Cell.text(reports(variant))));
  }

  /**
   * Returns what two variants of the same baseline cost, as ratios to it, and the ratio of the
   * second to the first. Each of these is tested alone, without Holm's correction.
   */
  Table compared(String first, String second) {
    Variant former = variant(first);
    Variant now = variant(second);
    List<String> head =
        List.of(
            "Measure",
            baseline(now).title(),
            shortTitle(former),
            shortTitle(now),
            "ratio of these two");
    List<List<Cell>> rows = new ArrayList<>();
    for (Measure measure : COMPARED_MEASURES) {
      rows.add(
          List.of(
              Cell.text(measure.title()),
              cost(baseline(now), measure),
              ratio(comparison(former, measure)).and(undelivered(first, measure)),
              ratio(comparison(now, measure)).and(undelivered(second, measure)),
              ratio(analysis.against(measure, second, first))));
    }
    return new Table("compared-" + id(), head, rows);
  }

  private Variant variant(String name) {
    return variants.stream()
        .filter(variant -> variant.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new LabException(
                    "The report has no variant '%s' of %s: use one of %s."
                        .formatted(
                            name,
                            results.app(),
                            variants.stream().map(Variant::name).collect(joining(", ")))));
  }

  private static Cell ratio(Optional<Comparison> comparison) {
    return comparison
        .flatMap(
            known ->
                known
                    .ratio()
                    .map(
                        ratio ->
                            new Cell(
                                Figures.ratio(ratio),
                                known.tellsApart() ? "" : "~",
                                ratio.estimate(),
                                Style.PLAIN)))
        .orElseGet(() -> Cell.nothing("not measured"));
  }

  /** Returns every cost. */
  Table costs() {
    return costs("costs", variants, List.of(Measure.values()), Map.of("On disk", this::onDisk));
  }

  private Table costs(
      String name,
      List<Variant> shown,
      List<Measure> measures,
      Map<String, Function<Variant, Cell>> lastColumns) {
    return costs(name, shown, Map.of("Variant", this::named), measures, lastColumns);
  }

  private Table costs(
      String name,
      List<Variant> shown,
      Map<String, Function<Variant, Cell>> firstColumn,
      List<Measure> measures,
      Map<String, Function<Variant, Cell>> lastColumns) {
    List<String> head = new ArrayList<>(firstColumn.keySet());
    measures.forEach(measure -> head.add(measure.title()));
    head.addAll(lastColumns.keySet());
    List<List<Cell>> rows = new ArrayList<>();
    for (Variant variant : shown) {
      List<Cell> row = new ArrayList<>();
      firstColumn.values().forEach(column -> row.add(column.apply(variant)));
      measures.forEach(measure -> row.add(cost(variant, measure)));
      lastColumns.values().forEach(column -> row.add(column.apply(variant)));
      rows.add(row);
    }
    return new Table(name + "-" + id(), head, rows);
  }

  /** Returns what arrived of the telemetry by which a reader chooses. */
  Table coverage(List<Variant> shown) {
    return coverage(
        "coverage",
        shown,
        aspects().stream().filter(one -> !MINOR_ASPECTS.contains(one)).toList(),
        false);
  }

  /** Returns all that is known about the telemetry. */
  Table coverages() {
    return coverage("coverages", variants, aspects(), true);
  }

  /** Returns the aspects about which something was found: runs of earlier builds lack some. */
  private List<Aspect> aspects() {
    return Stream.of(Aspect.values())
        .filter(aspect -> variants.stream().anyMatch(variant -> found(variant, aspect).isPresent()))
        .toList();
  }

  private Table coverage(
      String name, List<Variant> shown, List<Aspect> aspects, boolean withClaims) {
    List<String> head = new ArrayList<>(List.of("Variant"));
    aspects.forEach(aspect -> head.add(withClaims ? aspect.title() : heading(aspect)));
    if (withClaims) {
      head.add("It claims");
    }
    List<List<Cell>> rows = new ArrayList<>();
    for (Variant variant : shown) {
      List<Cell> row = new ArrayList<>(List.of(named(variant)));
      aspects.forEach(aspect -> row.add(finding(variant, aspect, withClaims)));
      if (withClaims) {
        row.add(Cell.text(claims(variant)));
      }
      rows.add(row);
    }
    return new Table(name + "-" + id(), head, rows);
  }

  /** Returns a heading that a narrow column has room for. */
  private static String heading(Aspect aspect) {
    return switch (aspect) {
      case SERVER_SPANS -> "Server spans";
      case ROUTE -> "Route";
      case EXCEPTION -> "Exception";
      case METHOD -> "Method span";
      case LOG_LINES -> "Trace ID in log";
      case LOGS -> "Log records";
      case TRACEPARENT -> "Continues trace";
      case OUTGOING -> "Headers on calls";
      case HEALTH -> "Spans of health checks";
      case OUTAGE -> "Lost in outage";
      case SCORE -> "Score";
      default -> aspect.title();
    };
  }

  /**
   * Returns the rules of the Instrumentation Score that each variant passes or fails.
   *
   * @return a table without rows where nothing was judged
   */
  Table scores() {
    List<String> rules =
        judged()
            .flatMap(score -> score.rules().stream())
            .map(Score.Verdict::id)
            .distinct()
            .toList();
    List<String> head = new ArrayList<>(List.of("Variant", "Score"));
    head.addAll(rules);
    List<List<Cell>> rows = new ArrayList<>();
    for (Variant variant : variants) {
      Score score = results.scores().get(variant.name());
      if (score != null && score.value().isPresent()) {
        List<Cell> row = new ArrayList<>(List.of(named(variant)));
        row.add(new Cell(score.summary(), "", score.value().getAsDouble(), Style.PLAIN));
        rules.forEach(rule -> row.add(verdict(score, rule)));
        rows.add(row);
      }
    }
    return new Table("scores-" + id(), head, rows);
  }

  private Stream<Score> judged() {
    return variants.stream()
        .map(variant -> results.scores().get(variant.name()))
        .filter(score -> score != null && score.value().isPresent());
  }

  private static Cell verdict(Score score, String rule) {
    return score.rules().stream()
        .filter(one -> one.id().equals(rule))
        .findFirst()
        .map(
            one ->
                switch (one.outcome()) {
                  case PASSED -> new Cell("pass", "", 2, Style.GOOD);
                  case FAILED ->
                      new Cell(
                          "%d of %d fail".formatted(one.failing(), one.judged()), "", 1, Style.BAD);
                  case NOT_JUDGED -> Cell.nothing("not judged");
                })
        .orElseGet(() -> Cell.nothing("not judged"));
  }

  /** Returns each rule of the Instrumentation Score in words. */
  List<String> rules() {
    return judged()
        .flatMap(score -> score.rules().stream())
        .map(
            rule ->
                "%s, %s: %s"
                    .formatted(
                        rule.id(), rule.impact().name().toLowerCase(Locale.ROOT), rule.title()))
        .distinct()
        .toList();
  }

  /** Returns the names that the semantic conventions do not have in that place. */
  Table names() {
    List<List<Cell>> rows = new ArrayList<>();
    for (Variant variant : variants) {
      Score score = results.scores().get(variant.name());
      if (score != null) {
        for (Score.Name name : score.names()) {
          rows.add(
              List.of(
                  Cell.text(name.name()),
                  Cell.text(name.trouble().name().toLowerCase(Locale.ROOT).replace('_', ' ')),
                  Cell.text(name.place()),
                  Cell.text(variant.title()),
                  new Cell(String.valueOf(name.count()), "", name.count(), Style.PLAIN),
                  Cell.text(name.note())));
        }
      }
    }
    return new Table(
        "names-" + id(),
        List.of("Name", "Is", "Place", "Variant", "Times", "The conventions say"),
        rows);
  }

  /** Returns the name of the app as an identifier. */
  String id() {
    return results.app().replace(' ', '-');
  }

  /**
   * Returns the first cell of a row, with the versions of what is attached, and whether it sends to
   * a fake backend.
   */
  private Cell named(Variant variant) {
    List<String> details = new ArrayList<>();
    String versions =
        results
            .plan()
            .versions()
            .getOrDefault(
                variant.name(),
                variant.attachment().agent().replaceFirst("^[^:]*:", "").replace(':', ' '));
    if (!versions.isEmpty()) {
      details.add(versions);
    }
    if (variant.telemetry().protocol() != Protocol.NONE
        && variant.telemetry().protocol() != Protocol.OTLP) {
      details.add("to a stand-in for its backend");
    }
    return new Cell(variant.title(), String.join(", ", details), Double.NaN, Style.PLAIN);
  }

  private static String claims(Variant variant) {
    return variant.telemetry().claims().isEmpty()
        ? "nothing"
        : variant
            .telemetry()
            .claims()
            .toString()
            .toLowerCase(Locale.ROOT)
            .replaceAll("[\\[\\]]", "");
  }

  /** Says which share of its spans a variant delivered under the load of a measure, if too few. */
  private String undelivered(String name, Measure measure) {
    Spans spans =
        results.trials().stream()
            .filter(trial -> trial.variant().equals(name))
            .flatMap(trial -> trial.delivered().stream())
            .map(known -> known.under(measure))
            .reduce(Spans.NONE, Spans::plus);
    return spans.tooFew(variant(name).sampled()) ? spans.text() : "";
  }

  /** Returns the median, its ratio to the baseline's, and what was not delivered. */
  private Cell cost(Variant variant, Measure measure) {
    Optional<Double> median = analysis.median(measure, variant.name());
    if (median.isEmpty()) {
      boolean doubted =
          analysis.doubts().getOrDefault(measure, Map.of()).containsKey(variant.name());
      return Cell.nothing(doubted ? "left out" : "not measured");
    }
    String value = value(median.get(), measure);
    if (variant.isBaseline()) {
      return new Cell(value, "", median.get(), Style.PLAIN);
    }
    Optional<Comparison> comparison = comparison(variant, measure);
    Verdict verdict = comparison.map(Comparison::verdict).orElse(Verdict.TOO_FEW_ROUNDS);
    String interval = comparison.flatMap(Comparison::ratio).map(Figures::ratio).orElse("");
    String compared =
        switch (verdict) {
          case MORE, LESS -> interval;
          case NO_RATIO -> "";
          case CANNOT_BE_TOLD_APART, TOO_FEW_ROUNDS -> (interval + " ~").strip();
        };
    Style style =
        switch (verdict) {
          case MORE -> measure.lessIsBetter() ? Style.BAD : Style.GOOD;
          case LESS -> measure.lessIsBetter() ? Style.GOOD : Style.BAD;
          default -> Style.PLAIN;
        };
    return new Cell(value, compared, median.get(), style).and(undelivered(variant.name(), measure));
  }

  static String value(double value, Measure measure) {
    String unit = measure.unit();
    return Figures.amount(value) + (unit.isEmpty() || unit.startsWith("/") ? unit : " " + unit);
  }

  private Cell onDisk(Variant variant) {
    Long bytes = results.plan().bytesOnDisk().get(variant.name());
    if (bytes == null) {
      return Cell.nothing("not measured");
    }
    return new Cell(
        bytes == 0 ? "nothing" : Figures.amount(bytes / 1e6) + " MB", "", bytes, Style.PLAIN);
  }

  /** Shortens a finding such as "81.0, good; incomplete, 12 of 19 rules judged". */
  private static String shortened(String text) {
    return text.replaceFirst("; incomplete, (.*) judged$", " ($1)").replaceFirst(";.*", "");
  }

  private Cell finding(Variant variant, Aspect aspect, boolean withReason) {
    Optional<Coverage.Finding> found = found(variant, aspect);
    if (found.isEmpty()) {
      return Cell.nothing("not measured");
    }
    Coverage.Finding finding = found.get();
    if (finding.grade() == Grade.NOT_MEASURED) {
      return Cell.nothing("not measured" + (withReason ? ": " + finding.text() : ""));
    }
    Style style =
        switch (finding.grade()) {
          case GOOD -> Style.GOOD;
          case PARTLY -> Style.MIDDLING;
          case NONE -> Style.BAD;
          case NOT_MEASURED -> Style.UNKNOWN;
        };
    String text = withReason ? finding.text() : shortened(finding.text());
    double sort = finding.count().isPresent() ? finding.count().getAsLong() : Double.NaN;
    return new Cell(text, "", sort, style);
  }
}
