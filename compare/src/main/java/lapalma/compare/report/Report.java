package lapalma.compare.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lapalma.compare.LabException;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Results;
import lapalma.compare.result.Score;
import lapalma.compare.result.Trial;
import lapalma.compare.stats.Bootstrap;
import lapalma.compare.stats.Comparison;

/** Writes the results of one or more runs: a page, a picture, a Markdown file, and the figures. */
public final class Report {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(\\w+)}}");

  /** By app; the first one answers which agent to take. */
  private final List<Tables> apps;

  /**
   * Joins runs.
   *
   * @throws LabException when nothing has been measured, or the runs cannot be compared
   */
  public Report(List<Results> runs) {
    if (runs.isEmpty()) {
      throw new LabException("There is no run to report: name the folder of one.");
    }
    for (Results run : runs) {
      if (run.trials().isEmpty() && run.coverage().isEmpty()) {
        throw new LabException("Nothing has been measured in %s yet.".formatted(run.source()));
      }
    }
    this.apps = AppResults.of(runs).stream().map(Tables::new).toList();
  }

  /** Writes the files of a report and returns the page. */
  public Path write(Path folder) {
    Path page = writePage(folder);
    text(folder.resolve("report.md"), markdown());
    text(folder.resolve("results.csv"), results());
    text(folder.resolve("comparisons.csv"), comparisons(Tables::comparisons));
    text(folder.resolve("pairs.csv"), comparisons(tables -> tables.analysis().pairs()));
    text(folder.resolve("score.csv"), scores());
    text(folder.resolve("names.csv"), names());
    return page;
  }

  /** Writes what is for people who only read it: the page, which holds the figures too. */
  public Path writePage(Path folder) {
    Path page = folder.resolve("report.html");
    text(page, html());
    text(folder.resolve("picture.svg"), Picture.of(apps.get(0), facts(apps.get(0)).summary()));
    return page;
  }

  /**
   * Returns a part of the report that other documents show.
   *
   * @param name {@code answer-}, {@code glance-} or {@code compared-}, followed by the app
   * @param variants for {@code glance}, those that it shows; for {@code compared}, two
   */
  String block(String name, List<String> variants) {
    for (Tables tables : apps) {
      if (name.equals("answer-" + tables.id())) {
        return Markdown.table(tables.answer());
      }
      if (name.equals("glance-" + tables.id())) {
        return Markdown.table(tables.glance(variants));
      }
      if (name.equals("compared-" + tables.id())) {
        if (variants.size() != 2) {
          throw new LabException("The part '%s' compares two variants: name both.".formatted(name));
        }
        return Markdown.table(tables.compared(variants.get(0), variants.get(1)));
      }
    }
    throw new LabException(
        "The report has no part '%s': use answer, glance or compared, followed by %s."
            .formatted(
                name, apps.stream().map(tables -> "-" + tables.id()).collect(joining(", "))));
  }

  private static RunFacts facts(Tables tables) {
    return new RunFacts(tables);
  }

  private String html() {
    Tables main = apps.get(0);
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("style", resource("report.css"));
    parts.put("summary", Html.safe(facts(main).summary()));
    parts.put("answer", answer(main));
    parts.put("picture", picture(main));
    parts.put("contents", apps.stream().map(Report::contents).collect(joining(" ")));
    parts.put("across", across());
    parts.put("apps", apps.stream().map(this::section).collect(joining("\n")));
    parts.put("notes", Html.list(distinct(apps.stream().map(Report::notes).toList())));
    parts.put("left", Html.list(distinct(apps.stream().map(one -> one.results().left()).toList())));
    parts.put(
        "facts",
        apps.stream()
            .map(
                one ->
                    "<h3>%s</h3>\n%s"
                        .formatted(
                            Html.safe(one.results().app()), Html.list(facts(one).sentences())))
            .collect(joining("\n")));
    parts.put("results", Html.safe(results()));
    parts.put("comparisons", Html.safe(comparisons(Tables::comparisons)));
    parts.put("script", resource("report.js"));
    // In one pass: a name in the data may look like a placeholder.
    return PLACEHOLDER
        .matcher(resource("report.html"))
        .replaceAll(part -> Matcher.quoteReplacement(parts.get(part.group(1))));
  }

  private String across() {
    Table table = Tables.acrossApps(apps);
    return table.rows().isEmpty()
        ? ""
        : "<section><h2>Does it hold for other apps?</h2>\n"
            + "<p>An agent adds CPU time to a request. The more the app itself does, the smaller the ratio.</p>\n"
            + wide(Html.table(table, "The same variants with each app", false))
            + "</section>\n";
  }

  private static String answer(Tables tables) {
    return tables.answers().isEmpty()
        ? """
          <p>These results give no answer: it takes the costs of at least 6 rounds, and the telemetry, of one variant or
          more. The tables below have what was measured.</p>
          """
        : "<div class=\"cards\">"
            + Html.table(tables.answer(), "Which agent to take, and what to expect", false)
            + "</div>";
  }

  private static String picture(Tables tables) {
    String plots = new Plots(tables).of(Tables.ANSWER_MEASURES);
    return plots.isBlank() ? "" : "<div class=\"trio\">" + plots + "</div>";
  }

  private static String contents(Tables tables) {
    return "<a href=\"#%s\">%s</a>".formatted(tables.id(), Html.safe(tables.results().app()));
  }

  private String section(Tables tables) {
    boolean first = tables == apps.get(0);
    boolean hasCosts = !tables.results().trials().isEmpty();
    String app = tables.results().app();
    List<Variant> all = tables.variants();
    var html = new StringBuilder();
    html.append("<section id=\"%s\">\n<h2>%s</h2>\n".formatted(tables.id(), Html.safe(app)));
    if (!first) {
      html.append("<p>%s</p>\n".formatted(Html.safe(facts(tables).summary())));
      if (hasCosts) {
        html.append(answer(tables));
        html.append(picture(tables));
      }
    }
    if (hasCosts) {
      html.append(resource("cost-key.html"));
      html.append(wide(Html.table(tables.requests(all), app + ": what a request costs", false)));
      html.append(wide(Html.table(tables.starts(all), app + ": start, memory, data sent", false)));
    }
    html.append(resource("coverage-key.html").replace("{{requests}}", Html.safe(requests(tables))));
    html.append(wide(Html.table(tables.coverage(all), app + ": what arrived", true)));
    html.append(scores(tables, app));
    if (hasCosts) {
      html.append(details("All ratios", plots(tables)));
      html.append(
          details("All costs", wide(Html.table(tables.costs(), app + ": every cost", false))));
    }
    html.append(
        details(
            "All that arrived",
            wide(Html.table(tables.coverages(), app + ": all that arrived", true))));
    return html.append("</section>\n").toString();
  }

  /** Returns the scripted requests in words; plans of earlier builds do not name them. */
  private static String requests(Tables tables) {
    String requests =
        tables.results().plan().app().requests().stream()
            .map(
                request ->
                    "%d × %s%s"
                        .formatted(
                            request.times(),
                            request.pathOnly(),
                            request.probe()
                                ? " (health check)"
                                : request.status() == 200
                                    ? ""
                                    : " (%d)".formatted(request.status())))
            .collect(joining(", "));
    return requests.isEmpty() ? "" : " (%s)".formatted(requests);
  }

  private static String scores(Tables tables, String app) {
    Table scores = tables.scores();
    if (scores.rows().isEmpty()) {
      return "";
    }
    return details(
            "Instrumentation Score, rule by rule",
            wide(Html.table(scores, app + ": Instrumentation Score", true))
                + Html.list(tables.rules()))
        + details(
            "Names that the semantic conventions do not have there",
            wide(Html.table(tables.names(), app + ": names outside the conventions", false)));
  }

  private static String plots(Tables tables) {
    return "<div class=\"plots\">%s</div>"
        .formatted(new Plots(tables).of(Arrays.asList(Measure.values())));
  }

  private static String wide(String table) {
    // It scrolls by itself where it is too wide, also by the keyboard.
    return "<div class=\"wide\" tabindex=\"0\">%s</div>\n".formatted(table);
  }

  private static String details(String summary, String content) {
    return "<details><summary>%s</summary>\n%s</details>\n".formatted(summary, content);
  }

  private static List<String> notes(Tables tables) {
    return tables.results().plan().variants().stream()
        .filter(variant -> !variant.note().isEmpty())
        .map(variant -> variant.title() + ": " + variant.note())
        .toList();
  }

  private static List<String> distinct(List<List<String>> lists) {
    return lists.stream().flatMap(List::stream).distinct().toList();
  }

  private String markdown() {
    var text = new StringBuilder();
    for (Tables tables : apps) {
      text.append("## %s\n\n%s\n".formatted(tables.results().app(), facts(tables).summary()));
      if (!tables.answers().isEmpty()) {
        text.append("\n### Which agent to take\n\n").append(Markdown.table(tables.answer()));
      }
      List<Variant> all = tables.variants();
      text.append("\n### What a request costs\n\n").append(Markdown.table(tables.requests(all)));
      text.append("\n### Start, memory, data sent\n\n").append(Markdown.table(tables.starts(all)));
      text.append("\n### What arrived\n\n").append(Markdown.table(tables.coverage(all)));
      text.append("\n### This run\n\n").append(Markdown.list(facts(tables).sentences()));
    }
    List<String> notes = distinct(apps.stream().map(Report::notes).toList());
    if (!notes.isEmpty()) {
      text.append("\n## Notes on variants\n\n").append(Markdown.list(notes));
    }
    List<String> left = distinct(apps.stream().map(one -> one.results().left()).toList());
    if (!left.isEmpty()) {
      text.append("\n## Not run\n\n").append(Markdown.list(left));
    }
    return text.toString();
  }

  /** Returns a row for each trial, with its values as they were measured. */
  private String results() {
    var csv = new StringBuilder("app,round,variant,began");
    for (Measure measure : Measure.values()) {
      csv.append(',').append(measure.id());
    }
    csv.append(",doubts\n");
    for (Tables tables : apps) {
      for (Trial trial : tables.results().trials()) {
        csv.append(
            "%s,%d,%s,%s"
                .formatted(tables.results().app(), trial.round(), trial.variant(), trial.began()));
        for (Measure measure : Measure.values()) {
          Double value = trial.values().get(measure);
          csv.append(',').append(value == null ? "" : value);
        }
        List<String> doubts = new ArrayList<>();
        trial.doubts().forEach((measure, why) -> doubts.add(measure.id() + ": " + why));
        csv.append(",%s\n".formatted(quoted(String.join("; ", doubts))));
      }
    }
    return csv.toString();
  }

  private String comparisons(Function<Tables, List<Comparison>> which) {
    var csv =
        new StringBuilder(
            "app,measure,unit,variant,baseline,rounds,median,baseline"
                + " median,ratio,low,high,difference,difference low,difference"
                + " high,detectable,p,verdict\n");
    for (Tables tables : apps) {
      for (Comparison one : which.apply(tables)) {
        csv.append(
            "%s,%s,%s,%s,%s,%d,%s,%s,%s,%s,%s,%.4g,%s\n"
                .formatted(
                    tables.results().app(),
                    one.measure().id(),
                    one.measure().unit(),
                    one.variant(),
                    one.baseline(),
                    one.rounds(),
                    one.median(),
                    one.baselineMedian(),
                    columns(one.ratio()),
                    columns(one.difference()),
                    one.detectable().isPresent()
                        ? "%.4g".formatted(one.detectable().getAsDouble())
                        : "",
                    one.p(),
                    one.verdict()));
      }
    }
    return csv.toString();
  }

  private static String columns(Optional<Bootstrap.Interval> interval) {
    return interval
        .map(one -> "%.4g,%.4g,%.4g".formatted(one.estimate(), one.low(), one.high()))
        .orElse(",,");
  }

  private String scores() {
    var csv = new StringBuilder("app,variant,rule,impact,outcome,judged,failing,text,source\n");
    eachScore(
        (app, score) -> {
          for (Score.Verdict rule : score.rules()) {
            csv.append(
                "%s,%s,%s,%s,%s,%d,%d,%s,%s\n"
                    .formatted(
                        app,
                        score.variant(),
                        rule.id(),
                        rule.impact(),
                        rule.outcome(),
                        rule.judged(),
                        rule.failing(),
                        quoted(rule.text()),
                        rule.source()));
          }
        });
    return csv.toString();
  }

  private String names() {
    var csv = new StringBuilder("app,variant,trouble,place,name,count,note\n");
    eachScore(
        (app, score) -> {
          for (Score.Name name : score.names()) {
            csv.append(
                "%s,%s,%s,%s,%s,%d,%s\n"
                    .formatted(
                        app,
                        score.variant(),
                        name.trouble(),
                        name.place(),
                        quoted(name.name()),
                        name.count(),
                        quoted(name.note())));
          }
        });
    return csv.toString();
  }

  private void eachScore(BiConsumer<String, Score> reader) {
    for (Tables tables : apps) {
      for (Variant variant : tables.variants()) {
        Score score = tables.results().scores().get(variant.name());
        if (score != null) {
          reader.accept(tables.results().app(), score);
        }
      }
    }
  }

  private static String quoted(String text) {
    return text.isEmpty() ? "" : "\"" + text.replace("\"", "\"\"") + "\"";
  }

  private static String resource(String name) {
    try (InputStream stream = Report.class.getResourceAsStream(name)) {
      return new String(stream.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new LabException("The lab's own %s cannot be read.".formatted(name), e);
    }
  }

  static void text(Path file, String text) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw LabException.because("%s cannot be written".formatted(file), e);
    }
  }
}
