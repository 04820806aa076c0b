package lapalma.compare.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import lapalma.compare.Fixtures;
import lapalma.compare.LabException;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Coverage.Finding;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
  @TempDir Path folder;
  private Path run;

  @BeforeEach
  void measure() {
    run = folder.resolve("run");
    var results = new RunFolder(run);
    results.write(Fixtures.plan(2, "bare", "slow"));
    results.write(Fixtures.machine("a processor", "17.0.1"));
    Fixtures.trials(2, Map.of("bare", 1.0, "slow", 1.5), 8).forEach(results::write);
    results.write(Fixtures.coverage("slow", Finding.of(17, 18), Aspect.SERVER_SPANS));
  }

  @Test
  void anArchiveHoldsAllResultsAndNothingElse() throws IOException {
    // Given what a run leaves beside its results
    Files.writeString(Files.createDirectories(run.resolve("work")).resolve("app.json"), "{}");
    Files.writeString(run.resolve("report.html"), "a report");

    // When
    Path archive = Results.archive(run, folder.resolve("data"));

    // Then
    assertThat(archive).isEqualTo(folder.resolve("data/2026-01-01-1.zip"));
    assertThat(Results.read(archive))
        .usingRecursiveComparison()
        .ignoringFields("source")
        .isEqualTo(Results.read(run));
    try (var files = FileSystems.newFileSystem(archive)) {
      assertThat(files.getPath("/work")).doesNotExist();
      assertThat(files.getPath("/report.html")).doesNotExist();
    }
  }

  @Test
  void aTrialKeepsWhatItDeliveredAndThoseOfEarlierBuildsDidNotCount() throws IOException {
    Path file = run.resolve("trials/round-001-slow.json");
    Trial trial = Json.read(file, Trial.class);
    Trial counted = Fixtures.delivered(trial, 391, 1000, 1000);

    Json.write(file, counted);
    assertThat(Json.read(file, Trial.class)).isEqualTo(counted);

    var earlier = (ObjectNode) Json.MAPPER.valueToTree(trial);
    earlier.remove("delivered");
    assertThat(Json.MAPPER.treeToValue(earlier, Trial.class)).isEqualTo(trial);
  }

  @Test
  void theArchiveOfARunThatWentOnReplacesTheEarlierOne() {
    Path data = folder.resolve("data");
    Results.archive(run, data);
    Fixtures.trials(3, Map.of("bare", 1.0), 8).forEach(new RunFolder(run)::write);

    Path archive = Results.archive(run, data);

    assertThat(data.toFile().list()).containsExactly(archive.getFileName().toString());
    assertThat(Results.read(archive).trials()).hasSize(5);
  }

  @Test
  void aFileThatIsNoArchiveOfARunIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("odd.zip"), "odd");

    assertThatThrownBy(() -> Results.read(file))
        .isInstanceOf(LabException.class)
        .hasMessageContaining("odd.zip cannot be read");
  }

  @Test
  void anArchiveIsNotArchivedAgain() throws IOException {
    // Given an archive of a folder that is no run
    Path archive = folder.resolve("2026-01-01-1.zip");
    try (var zip = new ZipOutputStream(Files.newOutputStream(archive))) {
      zip.putNextEntry(new ZipEntry("odd.json"));
    }
    byte[] before = Files.readAllBytes(archive);

    // Then
    assertThatThrownBy(() -> Results.archive(archive, folder))
        .isInstanceOf(LabException.class)
        .hasMessage("%s is a file: name the folder of a run, or unzip the archive first.", archive);
    assertThat(archive).hasBinaryContent(before);
    assertThatThrownBy(() -> Results.read(archive))
        .isInstanceOf(LabException.class)
        .hasMessage("There is no run in %s: it has no plan.json.", archive);
  }
}
