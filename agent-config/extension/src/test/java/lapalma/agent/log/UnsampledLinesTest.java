package lapalma.agent.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.opentelemetry.api.logs.LoggerProvider;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.javaagent.bootstrap.CallDepth;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnsampledLinesTest {
  private static final String TRACE_ID = "5c17c2a3b5d0e1f2a3b4c5d6e7f80912";
  private static final String SPAN_ID = "a1b2c3d4e5f60718";

  @ParameterizedTest
  @CsvSource({
    "00, DEBUG, true",
    "00, INFO, true",
    "00, WARN, false",
    "00, ERROR, false",
    "01, INFO, false",
    "01, ERROR, false",
  })
  void onlyLinesBelowWarnOfTracesThatAreNotSampledAreKept(
      String flags, String level, boolean isKept) {
    try (var unused = span(TraceFlags.fromHex(flags, 0)).makeCurrent()) {
      CallDepth kept = UnsampledLines.keepFromExport(event(level));

      assertThat(kept != null).isEqualTo(isKept);
      assertThat(upstreamExports()).isEqualTo(!isKept);
      if (kept != null) {
        kept.decrementAndGet();
      }
    }
    assertThat(upstreamExports()).isTrue();
  }

  @Test
  void aLineOutsideOfTracesIsExported() {
    assertThat(UnsampledLines.keepFromExport(event("INFO"))).isNull();
  }

  /** As upstream's advice asks, before it exports an event. */
  private static boolean upstreamExports() {
    CallDepth depth = CallDepth.forClass(LoggerProvider.class);
    boolean outermost = depth.getAndIncrement() == 0;
    depth.decrementAndGet();
    return outermost;
  }

  private static Span span(TraceFlags flags) {
    return Span.wrap(SpanContext.create(TRACE_ID, SPAN_ID, flags, TraceState.getDefault()));
  }

  private static LoggingEvent event(String level) {
    var event = new LoggingEvent();
    event.setLevel(Level.valueOf(level));
    return event;
  }
}
