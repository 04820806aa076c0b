package lapalma.compare.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lapalma.compare.LabException;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Results;

/**
 * The report that the repository publishes: archives of runs, results.json and the page that are
 * made from them, and rows in documents between marks such as {@code <!-- rows: TABLE bare otel
 * -->}, with the id of a table and the names of its rows, and {@code <!-- rows: end -->}.
 */
public final class Publication {
  private static final List<String> DOCUMENTS = List.of("README.md", "docs/comparison.md");

  private static final Pattern BLOCK =
      Pattern.compile(
          "(<!-- rows: ([a-z0-9-]+)((?: [a-z0-9-]+)+) -->\n).*?(<!-- rows: end -->)",
          Pattern.DOTALL);

  private final Path root;

  /** The days of the agents' releases, by their coordinates. */
  private final Map<String, String> released;

  /**
   * Prepares a publication.
   *
   * @param root the repository's root
   * @param variants of the repository
   */
  public Publication(Path root, List<Variant> variants) {
    this.root = root;
    this.released =
        variants.stream()
            .map(Variant::attachment)
            .filter(attachment -> !attachment.agent().isEmpty())
            .collect(
                Collectors.toMap(
                    Variant.Attachment::agent, Variant.Attachment::released, (one, same) -> one));
  }

  private Path data() {
    return root.resolve("docs/report/data");
  }

  private ResultTable table(Results results) {
    return ResultTable.of(
        results,
        "data/" + results.source().getFileName(),
        name -> {
          String file = "compare/variants/%s.yaml".formatted(name);
          return Files.exists(root.resolve(file)) ? file : "";
        },
        agent -> released.getOrDefault(agent, ""));
  }

  /** Adds archives of runs to the published ones. */
  public void add(List<Path> runs) {
    // Refuses runs without results before anything is written.
    runs.forEach(run -> table(Results.read(run)));
    runs.forEach(run -> Results.archive(run, data()));
  }

  /**
   * Writes all that is made from the published archives; returns the page.
   *
   * @param target the folder in place of the repository's root
   */
  public Path write(Path target) {
    var report = new Report(tables());
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
    return report.write(target.resolve("docs/report"));
  }

  private List<ResultTable> tables() {
    if (!Files.isDirectory(data())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(data())) {
      return files
          .filter(file -> file.toString().endsWith(".zip"))
          .sorted()
          .map(Results::read)
          .map(this::table)
          // The newest first: the page shows it unless its address names another one.
          .sorted(Comparator.comparing(ResultTable::began).reversed())
          .toList();
    } catch (IOException e) {
      throw LabException.because("%s cannot be listed".formatted(data()), e);
    }
  }

  private static String filled(Path file, String text, Report report) {
    Matcher block = BLOCK.matcher(text);
    var filled = new StringBuilder();
    while (block.find()) {
      String part;
      try {
        part = report.rows(block.group(2), List.of(block.group(3).strip().split(" ")));
      } catch (LabException e) {
        throw LabException.because("%s cannot be filled".formatted(file), e);
      }
      block.appendReplacement(
          filled, Matcher.quoteReplacement(block.group(1) + "\n" + part + "\n" + block.group(4)));
    }
    return block.appendTail(filled).toString();
  }
}
