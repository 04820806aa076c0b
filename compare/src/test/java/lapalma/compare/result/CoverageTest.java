package lapalma.compare.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Coverage.Finding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CoverageTest {
  @TempDir Path folder;

  /** Archives of earlier builds have a count beside the text. */
  @Test
  void aFindingIsReadBackAndThatOfAnEarlierBuildToo() throws IOException {
    var run = new RunFolder(folder);
    var coverage =
        new Coverage(
            "otel",
            Instant.EPOCH,
            Map.of(Aspect.ROUTE, Finding.of(9, 15), Aspect.PROFILES, Finding.none()),
            Set.of());

    run.write(coverage);

    assertThat(run.coverage("otel")).contains(coverage);
    assertThat(
            Json.MAPPER.readValue(
                "{\"grade\": \"PARTLY\", \"text\": \"9 of 15\", \"count\": 9}", Finding.class))
        .isEqualTo(Finding.of(9, 15));
  }
}
