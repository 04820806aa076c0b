package lapalma.compare.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import lapalma.compare.LabException;
import lapalma.compare.plan.Plan;
import lapalma.compare.plan.Variant;
import lapalma.compare.report.Table.Cell;
import lapalma.compare.result.Coverage;
import lapalma.compare.result.Json;
import lapalma.compare.result.Measure;
import lapalma.compare.result.RunFolder;
import lapalma.compare.result.Score;
import lapalma.compare.result.Trial;
import lapalma.compare.stats.Analysis;
import lapalma.compare.stats.Bootstrap;
import lapalma.compare.stats.Comparison;

/** Writes the results of a run: a page, a Markdown file, and the figures behind them. */
public final class Report {
  private static final String CHARTS =
      "/META-INF/resources/webjars/echarts/5.3.1/dist/echarts.min.js";

  private final RunFolder folder;
  private final Plan plan;
  private final Analysis analysis;
  private final Tables tables;
  private final RunFacts facts;

  public Report(RunFolder folder) {
    this.folder = folder;
    this.plan =
        folder
            .plan()
            .orElseThrow(() -> new LabException("There is no run in %s.".formatted(folder.path())));
    List<Trial> trials = folder.trials();
    this.analysis = new Analysis(plan, trials);
    Map<String, Coverage> coverage = new HashMap<>();
    for (Variant variant : plan.variants()) {
      folder.coverage(variant.name()).ifPresent(known -> coverage.put(variant.name(), known));
    }
    if (trials.isEmpty() && coverage.isEmpty()) {
      throw new LabException("Nothing has been measured in %s yet.".formatted(folder.path()));
    }
    this.tables = new Tables(analysis, coverage);
    this.facts =
        new RunFacts(plan, trials, folder.sessions(), analysis.doubts(), tables.comparisons());
  }

  /** Writes the files and returns the page. */
  public Path write() {
    Path page = folder.path().resolve("report.html");
    Map<String, String> waterfalls = waterfalls();
    text(page, html(waterfalls));
    waterfalls.forEach((name, picture) -> text(folder.path().resolve(name), picture));
    text(folder.path().resolve("report.md"), markdown());
    text(folder.path().resolve("results.csv"), results());
    text(folder.path().resolve("comparisons.csv"), csv(tables.comparisons()));
    text(folder.path().resolve("pairs.csv"), csv(analysis.pairs()));
    Json.write(folder.path().resolve("comparisons.json"), tables.comparisons());
    List<Score> scores =
        plan.variants().stream().flatMap(variant -> folder.score(variant.name()).stream()).toList();
    text(folder.path().resolve("score.csv"), scoreCsv(scores));
    text(folder.path().resolve("names.csv"), namesCsv(scores));
    return page;
  }

  private String html(Map<String, String> waterfalls) {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("style", resource("report.css"));
    parts.put("facts", list(facts.sentences()));
    parts.put("app", safe(plan.app().title()));
    parts.put("requests", safe(requests()));
    parts.put("overview", html(tables.overview()));
    parts.put("costs", html(tables.costs()));
    parts.put("coverages", html(tables.coverages()));
    parts.put("notes", list(notes()));
    parts.put(
        "left",
        list(
            plan.left().entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .toList()));
    parts.put("data", embedded(measureCharts()));
    parts.put("waterfall", waterfalls.isEmpty() ? "hidden" : "");
    parts.put("steps", String.join("\n", waterfalls.values()));
    parts.put("script", resource("report.js"));
    parts.put("charts", resource(CHARTS));
    String page = resource("report.html");
    for (var part : parts.entrySet()) {
      page = page.replace("{{" + part.getKey() + "}}", part.getValue());
    }
    return page;
  }

  /** Returns the scripted requests in words. */
  private String requests() {
    return plan.app().requests().stream()
        .map(
            request ->
                "%d × %s%s"
                    .formatted(
                        request.times(),
                        request.pathOnly(),
                        request.probe()
                            ? " (health check)"
                            : request.status() == 200 ? "" : " (%d)".formatted(request.status())))
        .collect(Collectors.joining(", "));
  }

  private List<String> notes() {
    return plan.variants().stream()
        .filter(variant -> !variant.note().isEmpty())
        .map(variant -> variant.title() + ": " + variant.note())
        .distinct()
        .toList();
  }

  /** Returns the intervals of the variants' ratios, by measure. */
  private List<Map<String, Object>> measureCharts() {
    List<Map<String, Object>> charts = new ArrayList<>();
    for (Measure measure : Measure.values()) {
      List<Map<String, Object>> rows = new ArrayList<>();
      for (Variant variant : tables.variants()) {
        tables
            .comparison(variant, measure)
            .filter(comparison -> comparison.ratio().isPresent())
            .ifPresent(
                comparison -> {
                  Bootstrap.Interval interval = comparison.ratio().orElseThrow();
                  rows.add(
                      Map.of(
                          "variant", variant.title(),
                          "ratio", interval.estimate(),
                          "low", interval.low(),
                          "high", interval.high(),
                          "verdict", comparison.verdict(),
                          "worse",
                              (comparison.verdict() == Comparison.Verdict.MORE)
                                  == measure.lessIsBetter()));
                });
      }
      if (!rows.isEmpty()) {
        charts.add(Map.of("id", measure.id(), "title", measure.title(), "rows", rows));
      }
    }
    return charts;
  }

  /**
   * Returns the pictures of a row of steps, by their files' names: of what a start costs, and of
   * what a request does. A measure that lacks a step is left out.
   */
  private Map<String, String> waterfalls() {
    Map<String, String> pictures = new LinkedHashMap<>();
    draw(pictures, "steps-request.svg", List.of(Measure.CPU_SATURATED, Measure.ALLOCATED));
    draw(pictures, "steps-start.svg", List.of(Measure.START, Measure.START_CPU));
    return pictures;
  }

  private void draw(Map<String, String> pictures, String file, List<Measure> measures) {
    Map<String, List<Waterfall.Bar>> panels = new LinkedHashMap<>();
    measures.forEach(measure -> addBars(panels, measure));
    if (!panels.isEmpty()) {
      pictures.put(file, Waterfall.draw(panels));
    }
  }

  private void addBars(Map<String, List<Waterfall.Bar>> panels, Measure measure) {
    List<Variant> steps = StepChain.longest(plan.variants());
    List<Waterfall.Bar> bars = new ArrayList<>();
    for (Variant step : steps) {
      Optional<Bootstrap.Interval> ratio =
          step.name().equals(step.baseline())
              ? Optional.of(new Bootstrap.Interval(1, 1, 1))
              : tables.comparison(step, measure).flatMap(Comparison::ratio);
      ratio.ifPresent(left -> bars.add(new Waterfall.Bar(step.title(), left)));
    }
    if (!bars.isEmpty() && bars.size() == steps.size()) {
      panels.put(measure.title(), bars);
    }
  }

  private static String html(Table table) {
    var html = new StringBuilder("<table id=\"%s\"><thead><tr>".formatted(table.id()));
    for (String head : table.head()) {
      html.append(
          "<th scope=\"col\"><button type=\"button\">%s</button></th>".formatted(safe(head)));
    }
    html.append("</tr></thead><tbody>\n");
    for (List<Cell> row : table.rows()) {
      html.append("<tr>");
      for (int i = 0; i < row.size(); i++) {
        Cell cell = row.get(i);
        String tag = i == 0 ? "th" : "td";
        html.append(
            "<%s class=\"%s\"%s>%s</%s>"
                .formatted(
                    tag + (i == 0 ? " scope=\"row\"" : ""),
                    cell.style().name().toLowerCase(Locale.ROOT),
                    Double.isNaN(cell.sort()) ? "" : " data-sort=\"" + cell.sort() + "\"",
                    safe(cell.text())
                        + (cell.detail().isEmpty()
                            ? ""
                            : " <small>" + safe(cell.detail()) + "</small>"),
                    tag));
      }
      html.append("</tr>\n");
    }
    return html.append("</tbody></table>").toString();
  }

  private static String list(List<String> sentences) {
    return sentences.stream()
        .map(sentence -> "<li>" + safe(sentence) + "</li>")
        .collect(Collectors.joining("\n", "<ul>\n", "\n</ul>"));
  }

  private static String safe(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }

  private String markdown() {
    var text = new StringBuilder();
    facts.sentences().forEach(sentence -> text.append("- ").append(sentence).append('\n'));
    Table overview = tables.overview();
    int costs = 2 + Tables.KEY_MEASURES.size(); // names before, size on disk after
    text.append("\n### What it costs\n\n").append(markdown(overview.columns(1, costs)));
    text.append("\n### What it tells\n\n")
        .append(markdown(overview.columns(costs, overview.head().size())));
    if (!notes().isEmpty()) {
      text.append("\n### Notes on variants\n\n");
      notes().forEach(note -> text.append("- ").append(note).append('\n'));
    }
    if (!plan.left().isEmpty()) {
      text.append("\n### Not run\n\n");
      plan.left().forEach((name, why) -> text.append("- %s: %s\n".formatted(name, why)));
    }
    return text.toString();
  }

  private static String markdown(Table table) {
    var text = new StringBuilder("| " + String.join(" | ", table.head()) + " |\n");
    text.append("|---".repeat(table.head().size())).append("|\n");
    for (List<Cell> row : table.rows()) {
      text.append(
          row.stream()
              .map(cell -> (cell.text() + " " + cell.detail()).strip().replace("|", "\\|"))
              .collect(Collectors.joining(" | ", "| ", " |\n")));
    }
    return text.toString();
  }

  private String results() {
    var csv = new StringBuilder("round,variant,measure,unit,value,doubt\n");
    for (Trial trial : analysis.trials()) {
      trial
          .values()
          .forEach(
              (measure, value) ->
                  csv.append(
                      "%d,%s,%s,%s,%s,%s\n"
                          .formatted(
                              trial.round(),
                              trial.variant(),
                              measure.id(),
                              measure.unit(),
                              value,
                              quoted(trial.doubts().getOrDefault(measure, "")))));
    }
    return csv.toString();
  }

  private static String csv(List<Comparison> comparisons) {
    var csv =
        new StringBuilder(
            "measure,unit,variant,baseline,rounds,median,baseline"
                + " median,ratio,low,high,difference,difference low,difference"
                + " high,detectable,p,verdict\n");
    for (Comparison one : comparisons) {
      csv.append(
          "%s,%s,%s,%s,%d,%s,%s,%s,%s,%s,%s,%s\n"
              .formatted(
                  one.measure().id(),
                  one.measure().unit(),
                  one.variant(),
                  one.baseline(),
                  one.rounds(),
                  one.median(),
                  one.baselineMedian(),
                  columns(one.ratio()),
                  columns(one.difference()),
                  one.detectable().isPresent() ? one.detectable().getAsDouble() : "",
                  one.p(),
                  one.verdict()));
    }
    return csv.toString();
  }

  private static String scoreCsv(List<Score> scores) {
    var csv = new StringBuilder("variant,rule,impact,outcome,judged,failing,text,source\n");
    for (Score score : scores) {
      for (Score.Verdict rule : score.rules()) {
        csv.append(
            "%s,%s,%s,%s,%d,%d,%s,%s\n"
                .formatted(
                    score.variant(),
                    rule.id(),
                    rule.impact(),
                    rule.outcome(),
                    rule.judged(),
                    rule.failing(),
                    quoted(rule.text()),
                    rule.source()));
      }
    }
    return csv.toString();
  }

  private static String namesCsv(List<Score> scores) {
    var csv = new StringBuilder("variant,trouble,place,name,count,note\n");
    for (Score score : scores) {
      for (Score.Name name : score.names()) {
        csv.append(
            "%s,%s,%s,%s,%d,%s\n"
                .formatted(
                    score.variant(),
                    name.trouble(),
                    name.place(),
                    quoted(name.name()),
                    name.count(),
                    quoted(name.note())));
      }
    }
    return csv.toString();
  }

  private static String columns(Optional<Bootstrap.Interval> interval) {
    return interval.map(one -> one.estimate() + "," + one.low() + "," + one.high()).orElse(",,");
  }

  private static String quoted(String text) {
    return text.isEmpty() ? "" : "\"" + text.replace("\"", "\"\"") + "\"";
  }

  private static String embedded(Object value) {
    try {
      return Json.MAPPER.writeValueAsString(value).replace("</", "<\\/");
    } catch (IOException e) {
      throw new LabException("The report's data cannot be written.", e);
    }
  }

  private static String resource(String name) {
    try (InputStream stream = Report.class.getResourceAsStream(name)) {
      return new String(stream.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new LabException("The lab's own %s cannot be read.".formatted(name), e);
    }
  }

  private static void text(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new LabException("%s cannot be written.".formatted(file), e);
    }
  }
}
