package lapalma.compare.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Coverage.Finding;
import lapalma.compare.result.Coverage.Grade;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CoverageTest {
  @TempDir Path folder;

  @Test
  void aScoreWithoutServerSpansAndSpansOfAMethodAloneAreNotPraised() {
    var unseen =
        coverage(
            Map.of(
                Aspect.SERVER_SPANS,
                Finding.none(),
                Aspect.SCORE,
                new Finding(Grade.GOOD, "89.7, good")));
    var timed =
        coverage(
            Map.of(
                Aspect.SERVER_SPANS,
                Finding.of(28, 28),
                Aspect.STATUS,
                new Finding(Grade.NONE, "0 of 18")));

    assertThat(unseen.findings().get(Aspect.SCORE))
        .isEqualTo(Finding.notMeasured("no server span arrived"));
    assertThat(timed.findings().get(Aspect.SERVER_SPANS))
        .isEqualTo(
            new Finding(Grade.PARTLY, "28 of 28 as calls of a method, without path or status"));
    assertThat(coverage(timed.findings())).isEqualTo(timed);
  }

  private static Coverage coverage(Map<Aspect, Finding> findings) {
    return new Coverage("some", Instant.EPOCH, findings, Set.of());
  }

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
