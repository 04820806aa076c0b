package lapalma.agent.sampling;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;

/** The 56 random bits of a request that was not dropped before a span was made for it. */
final class RandomBits {
  private static final ContextKey<Long> KEY = ContextKey.named("lapalma-random-bits");

  /** Of the 16 hexadecimal digits of a long, the first that the 56 bits have. */
  private static final int FIRST_DIGIT = 2;

  private RandomBits() {}

  /** Returns a context without a span, in which the SDK hands the bits to the sampler. */
  static Context context(long bits) {
    return Context.root().with(KEY, bits);
  }

  /**
   * Returns the context of a sampler with the bits as <a
   * href="https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/">explicit
   * randomness</a>, which {@code CompositeSampler} prefers to those of the trace id. The SDK itself
   * takes the trace state away from a context that has no trace id.
   */
  static Context asTraceState(Context context) {
    Long bits = context.get(KEY);
    if (bits == null) {
      return context;
    }
    TraceState state =
        TraceState.builder()
            .put("ot", "rv:" + SpanId.fromLong(bits).substring(FIRST_DIGIT))
            .build();
    return context.with(
        Span.wrap(
            SpanContext.create(
                TraceId.getInvalid(), SpanId.getInvalid(), TraceFlags.getDefault(), state)));
  }
}
