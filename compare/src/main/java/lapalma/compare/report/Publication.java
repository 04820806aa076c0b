package lapalma.compare.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lapalma.compare.LabException;
import lapalma.compare.result.Results;

/**
 * The report that the repository publishes: archives of runs, the page and the picture that are
 * made from them, and the parts of documents between markers such as {@code <!-- report:
 * answer-dice -->} and {@code <!-- report: end -->}. The name of a part about some variants is
 * followed by their names: {@code <!-- report: compared-dice light-upstream light -->}.
 *
 * @param root the repository's root
 */
public record Publication(Path root) {
  private static final List<String> DOCUMENTS =
      List.of("README.md", "docs/comparison.md", "docs/light-attach.md");

  private static final Pattern BLOCK =
      Pattern.compile(
          "(<!-- report: ([a-z0-9-]+)((?: [a-z0-9-]+)*) -->\n).*?(<!-- report: end -->)",
          Pattern.DOTALL);

  private Path folder() {
    return root.resolve("docs/report");
  }

  /** Adds archives of runs to the published ones. */
  public void add(List<Path> runs) {
    List<Results> all = new ArrayList<>(archives());
    runs.forEach(run -> all.add(Results.read(run)));
    new Report(all); // refuses runs that cannot be compared before anything is written
    runs.forEach(run -> Results.archive(run, folder().resolve("data")));
  }

  /**
   * Writes all that is made from the published archives; returns the page.
   *
   * @param target the folder in place of the repository's root
   */
  public Path write(Path target) {
    var report = new Report(archives());
    Map<Path, String> documents = new LinkedHashMap<>();
    for (String document : DOCUMENTS) {
      Path file = root.resolve(document);
      try {
        documents.put(target.resolve(document), filled(file, Files.readString(file), report));
      } catch (IOException e) {
        throw LabException.because("%s cannot be read".formatted(file), e);
      }
    }
    documents.forEach(Report::text);
    return report.writePage(target.resolve("docs/report"));
  }

  private List<Results> archives() {
    Path data = folder().resolve("data");
    if (!Files.isDirectory(data)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(data)) {
      return files
          .filter(file -> file.toString().endsWith(".zip"))
          .sorted()
          .map(Results::read)
          .toList();
    } catch (IOException e) {
      throw LabException.because("%s cannot be listed".formatted(data), e);
    }
  }

  private static String filled(Path file, String text, Report report) {
    Matcher block = BLOCK.matcher(text);
    var filled = new StringBuilder();
    while (block.find()) {
      String part;
      try {
        part = report.block(block.group(2), List.of(block.group(3).strip().split(" ")));
      } catch (LabException e) {
        throw LabException.because("%s cannot be filled".formatted(file), e);
      }
      block.appendReplacement(
          filled, Matcher.quoteReplacement(block.group(1) + "\n" + part + "\n" + block.group(4)));
    }
    return block.appendTail(filled).toString();
  }
}
