package lapalma.compare.score;

import static io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_CLIENT;
import static io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_INTERNAL;
import static io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_SERVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.util.Map;
import lapalma.compare.result.Score.Outcome;
import lapalma.compare.result.Score.Verdict;
import org.junit.jupiter.api.Test;

class SpanRulesTest {

  @Test
  void aTraceHasAtMostTenInternalSpansOfAService() {
    assertThat(verdict(Rule.SPA_001, spans(10, SPAN_KIND_INTERNAL)).text())
        .isEqualTo("1 traces of a service, none fails; at most 10 INTERNAL spans");
    Verdict failed = verdict(Rule.SPA_001, spans(11, SPAN_KIND_INTERNAL));
    assertThat(failed.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(failed.examples())
        .containsExactly("11 INTERNAL spans of dice in trace " + Sent.TRACE);
  }

  @Test
  void theParentOfASpanMustHaveArrived() {
    Sent whole = spans(1, SPAN_KIND_SERVER).span(SPAN_KIND_INTERNAL, "roll", "aa", "00", Map.of());
    assertThat(verdict(Rule.SPA_002, whole))
        .returns(Outcome.PASSED, Verdict::outcome)
        .returns(1L, Verdict::judged);

    Sent orphan = spans(1, SPAN_KIND_SERVER).span(SPAN_KIND_INTERNAL, "roll", "aa", "bb", Map.of());
    assertThat(verdict(Rule.SPA_002, orphan).examples())
        .containsExactly(
            "span roll of trace %s has the parent bb, which did not arrive".formatted(Sent.TRACE));
  }

  @Test
  void theLabsOwnSpansAreNotMissed() {
    Sent called = Sent.byDice().span(SPAN_KIND_SERVER, "GET", "aa", "00f067aa0ba902b7", Map.of());
    assertThat(verdict(Rule.SPA_002, called).outcome()).isEqualTo(Outcome.PASSED);
  }

  @Test
  void theRuleWithoutCriteriaIsNotJudged() {
    assertThat(verdict(Rule.SPA_003, spans(2, SPAN_KIND_SERVER)))
        .returns(Outcome.NOT_JUDGED, Verdict::outcome)
        .returns(
            "the specification's criteria are still a TODO; 1 names of 2 spans", Verdict::text);
  }

  @Test
  void aRootMustNotBeAClient() {
    assertThat(verdict(Rule.SPA_004, spans(1, SPAN_KIND_SERVER)).outcome())
        .isEqualTo(Outcome.PASSED);
    assertThat(verdict(Rule.SPA_004, spans(1, SPAN_KIND_CLIENT)).examples())
        .containsExactly("span GET begins trace " + Sent.TRACE);
  }

  @Test
  void aTraceHasAtMostTwentyShortSpans() {
    Span.Builder fiveMillis =
        Span.newBuilder().setTraceId(Sent.bytes(Sent.TRACE)).setEndTimeUnixNano(5_000_000);
    assertThat(verdict(Rule.SPA_005, spans(20, SPAN_KIND_SERVER).span(fiveMillis)).outcome())
        .isEqualTo(Outcome.PASSED);
    assertThat(verdict(Rule.SPA_005, spans(21, SPAN_KIND_SERVER)).examples())
        .containsExactly("21 short spans in trace " + Sent.TRACE);
  }

  @Test
  void withoutSpansNoRuleAboutThemIsJudged() {
    assertThat(new SpanRules(Sent.byDice().arrived()).verdicts())
        .hasSize(5)
        .extracting(Verdict::text)
        .containsOnly("no span arrived over OTLP");
  }

  private static Sent spans(int count, SpanKind kind) {
    Sent sent = Sent.byDice();
    for (int i = 0; i < count; i++) {
      sent.span(kind, "GET", "%02x".formatted(i), "", Map.of());
    }
    return sent;
  }

  private static Verdict verdict(Rule rule, Sent sent) {
    return Sent.of(new SpanRules(sent.arrived()).verdicts(), rule);
  }
}
