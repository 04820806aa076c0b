package lapalma.agent.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.opentelemetry.api.logs.LoggerProvider;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.javaagent.bootstrap.CallDepth;
import org.jspecify.annotations.Nullable;

/** Decides which log lines of unsampled traces are not exported. */
public final class UnsampledLines {

  private UnsampledLines() {}

  /**
   * Keeps {@code event} from being exported if it is below WARN and its trace is not sampled.
   *
   * @return the depth to decrement once the event has been handled, or null if it is exported
   */
  public static @Nullable CallDepth keepFromExport(ILoggingEvent event) {
    SpanContext span = Span.current().getSpanContext();
    if (!span.isValid() || span.isSampled() || event.getLevel().isGreaterOrEqual(Level.WARN)) {
      return null;
    }
    // This tells upstream's modules for loggers that the event is already being handled.
    CallDepth depth = CallDepth.forClass(LoggerProvider.class);
    depth.getAndIncrement();
    return depth;
  }
}
