package lapalma.agent.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.MDC;

/** Gives a log event the ids of the span in which it is written. */
public final class TraceIds {
  // Upstream's names.
  private static final String TRACE_ID = "trace_id";
  private static final String SPAN_ID = "span_id";
  private static final String TRACE_FLAGS = "trace_flags";

  private TraceIds() {}

  /** Sets the event's MDC, which it would else read when an appender asks for it. */
  public static void addTo(ILoggingEvent event) {
    SpanContext span = Span.current().getSpanContext();
    if (span.isValid() && event instanceof LoggingEvent line) {
      Map<String, String> own = MDC.getCopyOfContextMap();
      String flags = span.getTraceFlags().asHex();
      if (own == null || own.isEmpty()) {
        line.setMDCPropertyMap(
            Map.of(TRACE_ID, span.getTraceId(), SPAN_ID, span.getSpanId(), TRACE_FLAGS, flags));
      } else if (!own.containsKey(TRACE_ID)) {
        Map<String, String> both = new HashMap<>(own);
        both.put(TRACE_ID, span.getTraceId());
        both.put(SPAN_ID, span.getSpanId());
        both.put(TRACE_FLAGS, flags);
        line.setMDCPropertyMap(both);
      }
    }
  }
}
