package lapalma.agent.method;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerBuilder;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.instrumentation.api.instrumenter.ErrorCauseExtractor;
import io.opentelemetry.instrumentation.api.internal.EmbeddedInstrumentationProperties;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The span of one call of a method, current until the method returns. */
public final class MethodSpan {
  private static final Logger log = Logger.getLogger(MethodSpan.class.getName());

  /** Upstream's scope, so that searches find the same spans. */
  private static final String SCOPE = "io.opentelemetry.methods";

  private static final Tracer TRACER = tracer();

  private final MethodDescription method;
  private final Span span;
  private final Scope scope;

  @SuppressWarnings("MustBeClosedChecker") // end() closes it
  private MethodSpan(MethodDescription method, Context parent, Span span) {
    this.method = method;
    this.span = span;
    this.scope = parent.with(span).makeCurrent();
  }

  /** Returns null if the caller's span is not sampled. Without a caller, the sampler decides. */
  public static @Nullable MethodSpan start(Class<?> type, String name) {
    Context parent = Context.current();
    SpanContext caller = Span.fromContext(parent).getSpanContext();
    if (caller.isValid() && !caller.isSampled()) {
      return null;
    }
    MethodDescription description = MethodDescription.of(type, name);
    return new MethodSpan(
        description,
        parent,
        TRACER
            .spanBuilder(description.spanName())
            .setParent(parent)
            .setAllAttributes(description.attributes())
            .startSpan());
  }

  /**
   * Ends the span, with the attributes that take their values from the call.
   *
   * @param thrown by the method, or null
   * @param returned by the method, or null
   */
  public void end(@Nullable Throwable thrown, @Nullable Object returned, Object[] arguments) {
    try {
      if (span.isRecording()) {
        for (SpanAttribute value : method.values()) {
          if (thrown == null || !value.isReturned()) {
            set(value, returned, arguments);
          }
        }
      }
    } finally {
      end(thrown);
    }
  }

  /** Sets one attribute. If the text of its value cannot be made, the others are still set. */
  private void set(SpanAttribute value, @Nullable Object returned, Object[] arguments) {
    try {
      value.setOn(span, returned, arguments);
    } catch (RuntimeException | StackOverflowError e) {
      log.log(Level.FINE, e, () -> "The value of %s has no text.".formatted(value.name()));
    }
  }

  /**
   * Ends the span.
   *
   * @param thrown by the method, or null
   */
  public void end(@Nullable Throwable thrown) {
    scope.close();
    if (thrown != null) {
      span.recordException(ErrorCauseExtractor.getDefault().extract(thrown));
      span.setStatus(StatusCode.ERROR);
    }
    span.end();
  }

  private static Tracer tracer() {
    TracerBuilder tracer = GlobalOpenTelemetry.get().tracerBuilder(SCOPE);
    String version = EmbeddedInstrumentationProperties.findVersion(SCOPE);
    return (version == null ? tracer : tracer.setInstrumentationVersion(version)).build();
  }
}
