package lapalma.compare.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Coverage.Finding;
import lapalma.compare.result.Coverage.Grade;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CoverageTest {
  @TempDir Path folder;

  @Test
  void aFindingIsReadBackWithItsCount() {
    // Given among others a count that the text does not begin with
    var run = new RunFolder(folder);
    var coverage =
        new Coverage(
            "otel",
            Instant.EPOCH,
            Map.of(
                Aspect.EXEMPLARS, Finding.some(5, 2, "of the app's metrics 2, of its own 3"),
                Aspect.ROUTE, Finding.of(9, 15),
                Aspect.PROFILES, Finding.none()),
            Set.of());

    // When
    run.write(coverage);

    // Then
    assertThat(run.coverage("otel")).contains(coverage);
  }

  @ParameterizedTest
  @CsvSource({
    "PARTLY, 9 of 15,                              9",
    "GOOD,   '2 in the app''s metrics, 3 in its own', 2",
    "NONE,   none,                                 0",
    "NONE,   no,                                   0",
    "GOOD,   yes,",
    "GOOD,   traceparent,",
  })
  void aFindingOfAnEarlierBuildHasTheCountThatItsTextBeginsWith(
      Grade grade, String text, @Nullable Long count) throws IOException {
    // Given
    Path file = Files.createDirectories(folder.resolve("coverage")).resolve("otel.json");
    Files.writeString(
        file,
        """
        {"variant": "otel", "at": "2026-11-25T15:45:00Z", "metrics": [],
         "findings": {"route": {"grade": "%s", "text": "%s"}}}
        """
            .formatted(grade, text));

    // When
    Coverage coverage = new RunFolder(folder).coverage("otel").orElseThrow();

    // Then
    OptionalLong expected = count == null ? OptionalLong.empty() : OptionalLong.of(count);
    assertThat(coverage.findings())
        .containsExactly(Map.entry(Aspect.ROUTE, new Finding(grade, text, expected)));
  }
}
