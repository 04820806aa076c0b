package lapalma.compare.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import lapalma.compare.Fixtures;
import lapalma.compare.LabException;
import lapalma.compare.plan.Variants;
import lapalma.compare.result.Json;
import lapalma.compare.result.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicationTest {
  private static final Path PROJECT = Path.of("..");

  @TempDir Path root;

  @BeforeEach
  void documents() throws IOException {
    Files.createDirectories(root.resolve("docs"));
    Files.writeString(root.resolve("README.md"), "# A project\n");
    Files.writeString(
        root.resolve("docs/comparison.md"),
        """
        # Costs

        <!-- rows: 2026-01-01-dice-1 bare slow -->
        | typed |
        <!-- rows: end -->
        The end.
        """);
  }

  @Test
  void whatTheRepositoryPublishesIsWhatItsDataGive() throws IOException {
    new Publication(
            PROJECT, Variants.read(Path.of("variants"), Fixtures.apps(), Fixtures.dice()).all())
        .write(root);

    for (String file :
        List.of(
            "docs/comparison.md",
            "README.md",
            "docs/report/report.html",
            "docs/report/results.json")) {
      assertThat(Files.readString(PROJECT.resolve(file)))
          .as("%s: make compare-publish makes it from docs/report/data", file)
          .isEqualTo(Files.readString(root.resolve(file)));
    }
  }

  @Test
  void aRunReplacesWhatIsBetweenTheMarkers() throws IOException {
    var publication = new Publication(root, List.of());

    publication.add(List.of(run("run")));
    Path page = publication.write(root);

    assertThat(page).isEqualTo(root.resolve("docs/report/report.html")).exists();
    assertThat(Files.readString(root.resolve("docs/comparison.md")))
        .startsWith("# Costs\n\n<!-- rows: 2026-01-01-dice-1 bare slow -->\n\n| Agent | ")
        .contains("| Title of slow | ")
        .doesNotContain("typed")
        .endsWith("|\n\n<!-- rows: end -->\nThe end.\n");
  }

  /** Where agents are cheap because they drop spans, and rows are of other rounds, this fails. */
  @Test
  void thePublishedFiguresAgree() throws IOException {
    JsonNode published = Json.MAPPER.readTree(PROJECT.resolve("docs/report/results.json").toFile());

    int compared = 0;
    for (JsonNode table : published.get("tables")) {
      for (JsonNode row : table.get("rows")) {
        for (var cost : row.path("costs").properties()) {
          JsonNode value = cost.getValue().path("value");
          JsonNode ratio = cost.getValue().path("ratio");
          if (ratio.isMissingNode()) {
            continue;
          }
          double base =
              row(table, row.get("baseline").asText())
                  .at("/costs/%s/value".formatted(cost.getKey()))
                  .asDouble();
          assertThat(value.asDouble() / base)
              .as("%s, %s, %s", table.get("id"), row.get("name"), cost.getKey())
              .isCloseTo(ratio.asDouble(), withinPercentage(0.2));
          compared++;
        }
        JsonNode delivered = row.path("delivered");
        // A sampler takes a few percent more or less by chance.
        double enough = row.get("name").asText().contains("-sampled-") ? 0.95 : 0.99;
        if (delivered.isNumber() && delivered.asDouble() < enough) {
          assertThat(row.at("/costs/cpu/value").isMissingNode()).as("%s", row).isTrue();
        }
      }
    }
    assertThat(compared).isPositive();
  }

  private static JsonNode row(JsonNode table, String name) {
    for (JsonNode row : table.get("rows")) {
      if (row.get("name").asText().equals(name)) {
        return row;
      }
    }
    throw new AssertionError("%s has no row %s".formatted(table.get("id"), name));
  }

  @Test
  void namedMeasuresAreTheOnlyOnes() throws IOException {
    var publication = new Publication(root, List.of());
    publication.add(List.of(run("run")));
    Files.writeString(
        root.resolve("README.md"),
        "<!-- rows: 2026-01-01-dice-1 resident slow bare -->\n<!-- rows: end -->\n");

    publication.write(root);

    assertThat(Files.readAllLines(root.resolve("README.md")).get(2))
        .isEqualTo("| Agent | Resident memory, fixed rate |");
  }

  @Test
  void anUnknownVariantIsNamed() throws IOException {
    var publication = new Publication(root, List.of());
    publication.add(List.of(run("run")));
    Files.writeString(
        root.resolve("README.md"), "<!-- rows: 2026-01-01-dice-1 fast -->\n<!-- rows: end -->\n");

    assertThatThrownBy(() -> publication.write(root))
        .isInstanceOf(LabException.class)
        .hasMessageMatching(
            ".*README.md cannot be filled: Table 2026-01-01-dice-1 has no row 'fast': use some of bare, slow, slower.");
  }

  @Test
  void anUnknownTableIsNamed() throws IOException {
    var publication = new Publication(root, List.of());
    publication.add(List.of(run("run")));
    Files.writeString(
        root.resolve("README.md"), "<!-- rows: zipkin bare -->\n<!-- rows: end -->\n");

    assertThatThrownBy(() -> publication.write(root))
        .isInstanceOf(LabException.class)
        .hasMessageMatching(
            ".*README.md cannot be filled: There is no table 'zipkin': use one of 2026-01-01-dice-1.");
    assertThat(Files.readString(root.resolve("docs/comparison.md"))).contains("typed");
  }

  private Path run(String name) {
    var run = new RunFolder(root.resolve(name));
    run.write(Fixtures.plan(6, "bare", "slow", "slower"));
    run.write(Fixtures.machine("a processor", "17.0.1"));
    Fixtures.trials(6, Map.of("bare", 1.0, "slow", 1.5, "slower", 3.0), 8).forEach(run::write);
    return run.path();
  }
}
