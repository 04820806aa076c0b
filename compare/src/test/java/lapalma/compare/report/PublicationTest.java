package lapalma.compare.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import lapalma.compare.Fixtures;
import lapalma.compare.LabException;
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
    Files.writeString(root.resolve("docs/light-attach.md"), "# Less\n");
    Files.writeString(
        root.resolve("docs/comparison.md"),
        """
        # Costs

        <!-- report: glance-dice bare slow -->
        | typed |
        <!-- report: end -->
        The end.
        """);
  }

  @Test
  void whatTheRepositoryPublishesIsWhatItsDataGive() throws IOException {
    new Publication(PROJECT).write(root);

    for (String file :
        List.of(
            "docs/comparison.md",
            "docs/light-attach.md",
            "README.md",
            "docs/report/report.html",
            "docs/report/picture.svg")) {
      assertThat(Files.readString(PROJECT.resolve(file)))
          .as("%s: make compare-publish makes it from docs/report/data", file)
          .isEqualTo(Files.readString(root.resolve(file)));
    }
  }

  @Test
  void aRunReplacesWhatIsBetweenTheMarkers() throws IOException {
    var publication = new Publication(root);

    publication.add(List.of(run("run")));
    Path page = publication.write(root);

    assertThat(page).isEqualTo(root.resolve("docs/report/report.html")).exists();
    assertThat(Files.readString(root.resolve("docs/comparison.md")))
        .startsWith("# Costs\n\n<!-- report: glance-dice bare slow -->\n\n| Agent | ")
        .contains("| Title of slow | ")
        .doesNotContain("typed")
        .endsWith("|\n\n<!-- report: end -->\nThe end.\n");
  }

  @Test
  void somePartsAreAboutSomeVariants() throws IOException {
    var publication = new Publication(root);
    publication.add(List.of(run("run")));
    Files.writeString(
        root.resolve("README.md"),
        "<!-- report: glance-dice bare slow -->\n<!-- report: end -->\n");
    Files.writeString(
        root.resolve("docs/light-attach.md"),
        "<!-- report: compared-dice slow slower -->\n<!-- report: end -->\n");

    publication.write(root);

    assertThat(Files.readString(root.resolve("README.md")).lines())
        .anyMatch(line -> line.startsWith("| Title of bare "))
        .anyMatch(line -> line.startsWith("| Title of slow "))
        .noneMatch(line -> line.startsWith("| Title of slower "));
    assertThat(Files.readString(root.resolve("docs/light-attach.md")))
        .contains("| Title of slow | Title of slower | ratio of these two |")
        .containsPattern(
            "\\| CPU per request, fixed rate \\| .* \\| ×1\\.5.* \\| ×(2\\.9|3\\.0).* \\| ×2\\.0.* \\|");
  }

  @Test
  void anUnknownVariantIsNamed() throws IOException {
    var publication = new Publication(root);
    publication.add(List.of(run("run")));
    Files.writeString(
        root.resolve("README.md"), "<!-- report: glance-dice fast -->\n<!-- report: end -->\n");

    assertThatThrownBy(() -> publication.write(root))
        .isInstanceOf(LabException.class)
        .hasMessageMatching(
            ".*README.md cannot be filled: The report has no variant 'fast' of dice: use one of bare, slow.*, slow.*");
  }

  @Test
  void aRunOfAnotherMachineIsRefusedBeforeAnythingIsWritten() {
    var publication = new Publication(root);
    publication.add(List.of(run("run")));
    Path other = run("other");
    new RunFolder(other).write(Fixtures.machine("another", "17.0.1"));

    assertThatThrownBy(() -> publication.add(List.of(other)))
        .isInstanceOf(LabException.class)
        .hasMessageContaining("different machines");
    assertThat(root.resolve("docs/report/data").toFile().list()).hasSize(1);
  }

  @Test
  void anUnknownPartIsNamed() throws IOException {
    var publication = new Publication(root);
    publication.add(List.of(run("run")));
    Files.writeString(
        root.resolve("README.md"), "<!-- report: answer-zipkin -->\n<!-- report: end -->\n");

    assertThatThrownBy(() -> publication.write(root))
        .isInstanceOf(LabException.class)
        .hasMessageMatching(
            ".*README.md cannot be filled: The report has no part 'answer-zipkin': use answer, glance or compared, followed by -dice.");
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
