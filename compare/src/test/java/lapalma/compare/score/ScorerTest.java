package lapalma.compare.score;

import static io.opentelemetry.proto.logs.v1.SeverityNumber.SEVERITY_NUMBER_INFO;
import static io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_SERVER;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lapalma.compare.Fixtures;
import lapalma.compare.plan.Protocol;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Score;
import lapalma.compare.result.Score.Outcome;
import lapalma.compare.result.Score.Verdict;
import org.junit.jupiter.api.Test;

class ScorerTest {
  private final Scorer scorer = new Scorer();

  @Test
  void judgesEachRuleOfTheSpecificationOnce() {
    Score score = scorer.score(sending(Protocol.OTLP), Instant.EPOCH, arrived());

    assertThat(score.rules())
        .extracting(Verdict::id)
        .containsExactly(
            "RES-001", "RES-002", "RES-003", "RES-004", "RES-005", "SPA-001", "SPA-002", "SPA-003",
            "SPA-004", "SPA-005", "MET-001", "MET-002", "MET-003", "MET-004", "MET-005", "MET-006",
            "LOG-001", "LOG-002", "SDK-001");
    assertThat(score.with(Outcome.NOT_JUDGED))
        .extracting(Verdict::id)
        .containsExactly("RES-003", "SPA-003", "LOG-001");
    assertThat(score.with(Outcome.FAILED)).extracting(Verdict::id).containsExactly("MET-002");
    // MET-002 weighs 30 of the 420 of all rules but those.
    assertThat(score.summary()).isEqualTo("92.9, excellent; incomplete, 16 of 19 rules judged");
  }

  private static Arrived arrived() {
    Sent relay =
        Sent.from(
            Map.of(
                "service.name", "dice",
                "service.instance.id", "i-2",
                "telemetry.sdk.language", "java",
                "process.runtime.version", "17.0.15+6"));
    return Sent.byDice()
        .span(SPAN_KIND_SERVER, "GET", "01", "", Map.of())
        .counter("rolls", "", Map.of())
        .log(SEVERITY_NUMBER_INFO, "INFO", Map.of())
        .arrived(relay.span(SPAN_KIND_SERVER, "GET", "02", "", Map.of()));
  }

  @Test
  void whatDoesNotSpeakOtlpIsNotJudged() {
    assertThat(scorer.score(sending(Protocol.DATADOG), Instant.EPOCH, arrived()).summary())
        .isEqualTo("not judged: it sends a protocol of its own, and the rules are about OTLP");
    assertThat(scorer.score(sending(Protocol.NONE), Instant.EPOCH, arrived()).summary())
        .isEqualTo("not judged: it sends nothing, and the rules are about OTLP");
    assertThat(
            scorer
                .score(sending(Protocol.OTLP), Instant.EPOCH, new Arrived(List.of(), Set.of()))
                .summary())
        .isEqualTo("not judged: no server span arrived, although the server was called");
  }

  private static Variant sending(Protocol protocol) {
    return Fixtures.variant("some", "Some", "", protocol);
  }
}
