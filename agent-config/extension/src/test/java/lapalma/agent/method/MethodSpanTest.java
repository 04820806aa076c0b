package lapalma.agent.method;

import static io.opentelemetry.sdk.testing.assertj.OpenTelemetryAssertions.assertThat;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.trace.data.StatusData;
import lapalma.agent.weaving.Telemetry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MethodSpanTest {
  private static final String TRACE_ID = "5c17c2a3b5d0e1f2a3b4c5d6e7f80912";
  private static final String SPAN_ID = "a1b2c3d4e5f60718";

  /** Its SDK samples whatever it is asked about: a span that is missing was not asked for. */
  @RegisterExtension static final Telemetry telemetry = Telemetry.create();

  @Test
  void aMethodOfASampledRequestIsItsChild() {
    try (var unused = caller(TraceFlags.getSampled()).makeCurrent()) {
      MethodSpan.start(Dice.class, "roll").end(null);
    }

    assertThat(telemetry.spans())
        .singleElement()
        .satisfies(
            span ->
                assertThat(span)
                    .hasName("Dice.roll")
                    .hasKind(SpanKind.INTERNAL)
                    .hasTraceId(TRACE_ID)
                    .hasParentSpanId(SPAN_ID)
                    .hasStatus(StatusData.unset()));
  }

  @Test
  void aMethodOfARequestThatIsNotSampledHasNoSpan() {
    try (var unused = caller(TraceFlags.getDefault()).makeCurrent()) {
      assertThat(MethodSpan.start(Dice.class, "roll")).isNull();
    }

    assertThat(telemetry.spans()).isEmpty();
  }

  @Test
  void withoutACallerTheSamplerDecides() {
    MethodSpan.start(Dice.class, "roll").end(null);

    assertThat(telemetry.spans())
        .singleElement()
        .satisfies(span -> assertThat(span).hasName("Dice.roll").hasNoParent());
  }

  @Test
  void itIsCurrentUntilTheMethodReturns() {
    var span = MethodSpan.start(Dice.class, "roll");
    assertThat(Span.current().getSpanContext().isValid()).isTrue();

    span.end(null);

    assertThat(Span.current()).isSameAs(Span.getInvalid());
  }

  @Test
  void whatAMethodThrowsIsOnItsSpan() {
    var thrown = new IllegalStateException("no dice");

    MethodSpan.start(Dice.class, "roll").end(thrown);

    assertThat(telemetry.spans())
        .singleElement()
        .satisfies(span -> assertThat(span).hasStatus(StatusData.error()).hasException(thrown));
  }

  private static Span caller(TraceFlags flags) {
    return Span.wrap(SpanContext.create(TRACE_ID, SPAN_ID, flags, TraceState.getDefault()));
  }

  private static final class Dice {}
}
