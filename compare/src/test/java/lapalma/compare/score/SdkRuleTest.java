package lapalma.compare.score;

import static io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_SERVER;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import lapalma.compare.result.Score.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SdkRuleTest {

  @ParameterizedTest
  @CsvSource({
    "java,   1.8.0_392, PASSED",
    "java,   25.0.3+9,  PASSED",
    "java,   1.7.0_80,  FAILED",
    "python, 3.11.2,    PASSED",
    "python, 3.8.20,    FAILED",
    "cobol,  85,        NOT_JUDGED"
  })
  void theRuntimeIsOneThatTheSdkSupports(String language, String version, Outcome outcome) {
    assertThat(
            outcome(Map.of("telemetry.sdk.language", language, "process.runtime.version", version)))
        .isEqualTo(outcome);
  }

  @Test
  void withoutAVersionItIsNotJudged() {
    assertThat(outcome(Map.of("telemetry.sdk.language", "java"))).isEqualTo(Outcome.NOT_JUDGED);
  }

  private static Outcome outcome(Map<String, String> resource) {
    Sent sent = Sent.from(resource).span(SPAN_KIND_SERVER, "GET", "01", "", Map.of());
    return new SdkRule(sent.arrived()).verdict().outcome();
  }
}
