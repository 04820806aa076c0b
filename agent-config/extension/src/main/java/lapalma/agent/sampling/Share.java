package lapalma.agent.sampling;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.extension.incubator.trace.samplers.SamplingIntent;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.function.Function;

/**
 * The share of root spans that are sampled.
 *
 * @param rate from 0 to 1
 * @param threshold the bound for 56 random bits: a span with bits below it is not sampled
 * @param intent the same for the SDK; made once, because each request needs it
 * @param state the beginning of the trace state of sampled spans
 */
record Share(double rate, long threshold, SamplingIntent intent, String state) {
  /** The number of thresholds. A span is sampled if its 56 bits are not below the threshold. */
  static final long THRESHOLDS = 1L << 56;

  static final SamplingIntent NONE = intent(-1, false);

  /** Sampled for reasons that do not tell how many other spans the span stands for. */
  static final SamplingIntent CHOSEN = intent(0, false);

  /** The index of the first hexadecimal digit of a long that belongs to the 56 bits. */
  private static final int FIRST_DIGIT = 2;

  static Share of(double rate) {
    long threshold = Math.round((1 - rate) * THRESHOLDS);
    return new Share(
        rate,
        threshold,
        threshold >= THRESHOLDS ? NONE : intent(threshold, true),
        "th:" + (threshold == 0 ? "0" : hex(threshold).replaceFirst("0+$", "")) + ";rv:");
  }

  /**
   * Decides about a root span by bits that were drawn earlier. They differ from those of the trace
   * id, so the trace state holds them, beside the threshold, as <a
   * href="https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/">explicit
   * randomness</a>.
   */
  SamplingResult resultOf(long bits) {
    return bits < threshold
        ? SamplingResult.drop()
        : new SampledRoot(TraceState.builder().put("ot", state + hex(bits)).build());
  }

  private static String hex(long bits) {
    return SpanId.fromLong(bits).substring(FIRST_DIGIT);
  }

  private record SampledRoot(TraceState state) implements SamplingResult {
    @Override
    public SamplingDecision getDecision() {
      return SamplingDecision.RECORD_AND_SAMPLE;
    }

    @Override
    public Attributes getAttributes() {
      return Attributes.empty();
    }

    @Override
    public TraceState getUpdatedTraceState(TraceState parent) {
      return state;
    }
  }

  private static SamplingIntent intent(long threshold, boolean tellsTheShare) {
    return SamplingIntent.create(threshold, tellsTheShare, Attributes.empty(), Function.identity());
  }
}
