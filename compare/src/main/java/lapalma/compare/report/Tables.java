package lapalma.compare.report;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import lapalma.compare.plan.Protocol;
import lapalma.compare.plan.Variant;
import lapalma.compare.report.Table.Cell;
import lapalma.compare.report.Table.Style;
import lapalma.compare.result.Coverage;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Coverage.Grade;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Trial;
import lapalma.compare.stats.Analysis;
import lapalma.compare.stats.Bootstrap;
import lapalma.compare.stats.Comparison;
import lapalma.compare.stats.Comparison.Verdict;

/** The tables of a report. */
final class Tables {
  /** The measures of the first table; the other tables show all. */
  static final List<Measure> KEY_MEASURES =
      List.of(Measure.CPU, Measure.START, Measure.RESIDENT, Measure.ALLOCATED, Measure.EXPORTED);

  private static final List<Aspect> KEY_ASPECTS =
      List.of(
          Aspect.SERVER_SPANS,
          Aspect.ROUTE,
          Aspect.EXCEPTION,
          Aspect.TRACEPARENT,
          Aspect.OUTGOING,
          Aspect.LOG_LINES,
          Aspect.HTTP_METRICS,
          Aspect.JVM_METRICS,
          Aspect.HEALTH,
          Aspect.PROFILES,
          Aspect.OUTAGE);

  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ISO_LOCAL_DATE.withZone(ZoneOffset.UTC);

  private final Analysis analysis;
  private final Map<String, Coverage> coverage;
  private final List<Comparison> comparisons;
  private final Map<String, Map<Measure, Comparison>> byVariant = new HashMap<>();
  private final List<Variant> variants;

  Tables(Analysis analysis, Map<String, Coverage> coverage) {
    this.analysis = analysis;
    this.coverage = Map.copyOf(coverage);
    this.comparisons = analysis.againstBaselines();
    for (Comparison one : comparisons) {
      byVariant.computeIfAbsent(one.variant(), any -> new HashMap<>()).put(one.measure(), one);
    }
    // Each baseline stands before its variants, which are in the order of their CPU.
    this.variants =
        analysis.plan().variants().stream()
            .sorted(
                Comparator.comparing(Variant::baseline)
                    .thenComparing(variant -> !variant.isBaseline())
                    .thenComparing(this::cpuRatio))
            .toList();
  }

  private double cpuRatio(Variant variant) {
    return comparison(variant, Measure.CPU)
        .flatMap(Comparison::ratio)
        .map(Bootstrap.Interval::estimate)
        .orElse(Double.MAX_VALUE);
  }

  List<Variant> variants() {
    return variants;
  }

  /** Returns the comparisons of every variant with its baseline. */
  List<Comparison> comparisons() {
    return comparisons;
  }

  Optional<Comparison> comparison(Variant variant, Measure measure) {
    return Optional.ofNullable(byVariant.getOrDefault(variant.name(), Map.of()).get(measure));
  }

  /**
   * Returns the first cell of a row, with the versions of what is attached, whether it sends to a
   * fake backend, and the day of the last result.
   */
  private Cell named(Variant variant) {
    List<String> details = new ArrayList<>();
    String versions =
        analysis
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
    lastResult(variant).map(DAY::format).ifPresent(details::add);
    return new Cell(variant.title(), String.join(", ", details), Double.NaN, Style.PLAIN);
  }

  private Optional<Instant> lastResult(Variant variant) {
    return Stream.concat(
            analysis.trials().stream()
                .filter(trial -> trial.variant().equals(variant.name()))
                .map(Trial::began),
            Stream.ofNullable(coverage.get(variant.name())).map(Coverage::at))
        .max(Comparator.naturalOrder());
  }

  Table overview() {
    List<String> head = new ArrayList<>(List.of("Variant"));
    KEY_MEASURES.forEach(measure -> head.add(measure.title()));
    head.add("On disk");
    KEY_ASPECTS.forEach(aspect -> head.add(aspect.title()));
    List<List<Cell>> rows = new ArrayList<>();
    for (Variant variant : variants) {
      List<Cell> row = new ArrayList<>(List.of(named(variant)));
      KEY_MEASURES.forEach(measure -> row.add(cost(variant, measure)));
      row.add(onDisk(variant));
      KEY_ASPECTS.forEach(aspect -> row.add(finding(variant, aspect)));
      rows.add(row);
    }
    return new Table("overview", head, rows);
  }

  Table costs() {
    List<String> head = new ArrayList<>(List.of("Variant"));
    for (Measure measure : Measure.values()) {
      head.add(measure.title() + (measure.unit().isEmpty() ? "" : ", " + measure.unit()));
    }
    List<List<Cell>> rows = new ArrayList<>();
    for (Variant variant : variants) {
      List<Cell> row = new ArrayList<>(List.of(named(variant)));
      for (Measure measure : Measure.values()) {
        row.add(cost(variant, measure));
      }
      rows.add(row);
    }
    return new Table("costs", head, rows);
  }

  Table coverages() {
    List<String> head = new ArrayList<>(List.of("Variant"));
    for (Aspect aspect : Aspect.values()) {
      head.add(aspect.title());
    }
    head.add("It claims");
    List<List<Cell>> rows = new ArrayList<>();
    for (Variant variant : variants) {
      List<Cell> row = new ArrayList<>(List.of(named(variant)));
      for (Aspect aspect : Aspect.values()) {
        row.add(finding(variant, aspect));
      }
      row.add(Cell.text(claims(variant)));
      rows.add(row);
    }
    return new Table("coverages", head, rows);
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

  /** Returns the median, and its ratio to the baseline's. */
  private Cell cost(Variant variant, Measure measure) {
    Optional<Double> median = analysis.median(measure, variant.name());
    if (median.isEmpty()) {
      boolean doubted =
          analysis.doubts().getOrDefault(measure, Map.of()).containsKey(variant.name());
      return Cell.nothing(doubted ? "left out" : "not measured");
    }
    String value =
        Figures.amount(median.get()) + (measure.unit().isEmpty() ? "" : " " + measure.unit());
    if (variant.isBaseline()) {
      return new Cell(value, "", median.get(), Style.PLAIN);
    }
    Optional<Comparison> comparison = comparison(variant, measure);
    Verdict verdict = comparison.map(Comparison::verdict).orElse(Verdict.TOO_FEW_ROUNDS);
    String interval =
        comparison.flatMap(Comparison::ratio).map(one -> Figures.ratio(one) + " ").orElse("");
    String compared =
        switch (verdict) {
          case MORE, LESS -> interval.strip();
          case NO_RATIO -> "no ratio, as one is 0";
          case CANNOT_BE_TOLD_APART ->
              interval + "cannot be told apart" + detectable(comparison.orElseThrow());
          case TOO_FEW_ROUNDS -> interval + "too few rounds to tell";
        };
    Style style =
        switch (verdict) {
          case MORE -> measure.lessIsBetter() ? Style.BAD : Style.GOOD;
          case LESS -> measure.lessIsBetter() ? Style.GOOD : Style.BAD;
          default -> Style.PLAIN;
        };
    return new Cell(value, compared, median.get(), style);
  }

  private static String detectable(Comparison comparison) {
    return comparison.detectable().isEmpty()
        ? ""
        : "; ×%s would show".formatted(Figures.amount(comparison.detectable().getAsDouble()));
  }

  private Cell onDisk(Variant variant) {
    Long bytes = analysis.plan().bytesOnDisk().get(variant.name());
    if (bytes == null) {
      return Cell.nothing("not measured");
    }
    return new Cell(
        bytes == 0 ? "nothing" : Figures.amount(bytes / 1e6) + " MB", "", bytes, Style.PLAIN);
  }

  private Cell finding(Variant variant, Aspect aspect) {
    Coverage known = coverage.get(variant.name());
    if (known == null || !known.findings().containsKey(aspect)) {
      return Cell.nothing("not measured");
    }
    Coverage.Finding finding = known.findings().get(aspect);
    if (finding.grade() == Grade.NOT_MEASURED) {
      return Cell.nothing("not measured: " + finding.text());
    }
    Style style =
        switch (finding.grade()) {
          case GOOD -> Style.GOOD;
          case PARTLY -> Style.MIDDLING;
          case NONE -> Style.BAD;
          case NOT_MEASURED -> Style.UNKNOWN;
        };
    double sort = finding.count().isPresent() ? finding.count().getAsLong() : Double.NaN;
    return new Cell(finding.text(), "", sort, style);
  }
}
