package lapalma.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class RequestDecisionTest {
  @AutoClose private final SdkTracerProvider sdk = SdkTracerProvider.builder().build();

  @Test
  void aDroppedRequestHasIdsThatItsChildrenFollow() {
    Span dropped = UnsampledSpan.of(5, 0xbfffffffffffffL);

    SpanContext ids = dropped.getSpanContext();
    assertThat(ids.isValid()).isTrue();
    assertThat(ids.isSampled()).isFalse();
    assertThat(ids.getTraceId()).isEqualTo("000000000000000500bfffffffffffff");
    assertThat(ids.getSpanId()).matches("[0-9a-f]{16}").isNotEqualTo("0000000000000000");
    assertThat(ids.getTraceFlags().asHex()).isEqualTo("02");
    SpanContext child = childOf(dropped);
    assertThat(child.isSampled()).isFalse();
    assertThat(child.getTraceId()).isEqualTo(ids.getTraceId());
  }

  @Test
  void idsDiffer() {
    assertThat(IntStream.range(0, 100).mapToObj(i -> UnsampledSpan.of(5, 7).getSpanId()))
        .doesNotHaveDuplicates();
  }

  @Test
  void outsideAnAgentOnlyTheSdkDecides() throws Throwable {
    assertThat(RequestDecision.dropOrPresetIds("GET", "GET", "/")).isNull();
    assertThat(RequestDecision.reasonToKeep("GET /", "/", true, false, Long.MAX_VALUE)).isNull();
  }

  private SpanContext childOf(Span parent) {
    Span child =
        sdk.get("test").spanBuilder("child").setParent(Context.root().with(parent)).startSpan();
    child.end();
    return child.getSpanContext();
  }
}
