package lapalma.compare.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import lapalma.compare.Fixtures;
import lapalma.compare.backend.Telemetry;
import lapalma.compare.backend.Telemetry.Span;
import org.junit.jupiter.api.Test;

class CoverageRunnerTest {
  private static final int SCRIPTED = 28;
  private static final int AFTER = 2 * CoverageRunner.OUTAGE_REQUESTS;

  @Test
  void doesNotTakeTheLabsOwnRequestForOneThatWasNotLost() {
    var all = telemetry("/", SCRIPTED + AFTER - CoverageRunner.OUTAGE_REQUESTS);
    all.add(span("/metrics"));
    assertThat(CoverageRunner.lost(Fixtures.dice(), telemetry("/", SCRIPTED), all))
        .isEqualTo(CoverageRunner.OUTAGE_REQUESTS);
  }

  @Test
  void knowsOfTheLabsOwnRequestWhereSpansHaveNoPath() {
    assertThat(
            CoverageRunner.lost(
                Fixtures.dice(), telemetry("", SCRIPTED), telemetry("", SCRIPTED + AFTER + 1)))
        .isZero();
    assertThat(
            CoverageRunner.lost(
                Fixtures.dice(), telemetry("", SCRIPTED), telemetry("", SCRIPTED + AFTER)))
        .isEqualTo(1);
  }

  private static Telemetry telemetry(String path, int spans) {
    var telemetry = new Telemetry();
    IntStream.range(0, spans).forEach(any -> telemetry.add(span(path)));
    return telemetry;
  }

  private static Span span(String path) {
    return new Span(true, "GET", "", path, "", 200, false);
  }
}
