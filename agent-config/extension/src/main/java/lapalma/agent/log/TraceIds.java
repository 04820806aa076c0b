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
  private TraceIds() {}

  /** Sets the event's MDC, which it would otherwise read when an appender asks for it. */
  public static void addTo(ILoggingEvent event) {
    SpanContext span = Span.current().getSpanContext();
    if (span.isValid() && event instanceof LoggingEvent line) {
      Map<String, String> own = MDC.getCopyOfContextMap();
      Map<String, String> ids = new SpanFields(span);
      if (own == null || own.isEmpty()) {
        line.setMDCPropertyMap(ids);
      } else if (!own.containsKey(SpanFields.TRACE_ID)) {
        Map<String, String> both = new HashMap<>(own);
        both.putAll(ids);
        line.setMDCPropertyMap(both);
      }
    }
  }
}
