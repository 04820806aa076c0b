package lapalma.compare.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lapalma.compare.LabException;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Json;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Results;

/** The results of runs, a table each: {@code results.json}, and a page that embeds it. */
public final class Report {
  /** Rises when a field of results.json changes its meaning. */
  public static final int SCHEMA = 1;

  private final List<ResultTable> tables;

  Report(List<ResultTable> tables) {
    if (tables.isEmpty()) {
      throw new LabException("There is no run to report: name the folder of one.");
    }
    this.tables = tables;
  }

  /**
   * Reports runs.
   *
   * @throws LabException when nothing has been measured
   */
  public static Report of(List<Results> runs) {
    return new Report(
        runs.stream().map(run -> ResultTable.of(run, "", name -> "", agent -> "")).toList());
  }

  /** Writes the files of the report and returns the page. */
  public Path write(Path folder) {
    String json = json();
    text(folder.resolve("results.json"), json);
    Path page = folder.resolve("report.html");
    // Nothing in the data may end the script that holds them.
    text(page, template().replace("{{results}}", json.replace("</", "<\\/")));
    return page;
  }

  /** Returns the rows of all tables for a terminal. */
  public String text() {
    return tables.stream()
        .map(table -> "%s, %s\n\n%s".formatted(table.title(), table.id(), MarkdownRows.of(table)))
        .collect(joining("\n"));
  }

  /**
   * Returns rows of a table in Markdown.
   *
   * @param id of the table
   */
  String rows(String id, List<String> names) {
    return tables.stream()
        .filter(table -> table.id().equals(id))
        .findFirst()
        .map(table -> MarkdownRows.of(table, names))
        .orElseThrow(
            () ->
                new LabException(
                    "There is no table '%s': use one of %s."
                        .formatted(
                            id, tables.stream().map(ResultTable::id).collect(joining(", ")))));
  }

  private String json() {
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("schema", SCHEMA);
    content.put("measures", Arrays.stream(Measure.values()).map(Report::described).toList());
    Map<Aspect, String> aspects = new LinkedHashMap<>();
    for (Aspect aspect : Aspect.values()) {
      aspects.put(aspect, aspect.title());
    }
    content.put("reports", aspects);
    content.put("tables", tables);
    try {
      return Json.MAPPER.writeValueAsString(content) + "\n";
    } catch (IOException e) {
      throw LabException.because("The results cannot be written", e);
    }
  }

  private record Described(
      String id, String title, String unit, boolean lessIsBetter, boolean decides) {}

  private static Described described(Measure measure) {
    return new Described(
        measure.id(),
        measure.title(),
        measure.unit(),
        measure.lessIsBetter(),
        Measure.DECIDING.contains(measure));
  }

  private static String template() {
    try (InputStream stream = Report.class.getResourceAsStream("report.html")) {
      return new String(stream.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new LabException("The lab's own report.html cannot be read.", e);
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
