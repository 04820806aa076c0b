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
 * @param threshold below which 56 random bits are not sampled
 * @param intent tells the SDK so; it is made once, since it is asked for at each request
 * @param state the beginning of the trace state of what is sampled
 */
record Share(double rate, long threshold, SamplingIntent intent, String state) {
  /** A span is sampled when its 56 random bits are not below the threshold. */
  static final long THRESHOLDS = 1L << 56;

  static final SamplingIntent NONE = intent(-1, false);

  /** Sampled, but for reasons that do not tell how many other spans it stands for. */
  static final SamplingIntent CHOSEN = intent(0, false);

  /** Of the 16 hexadecimal digits of a long, the first that the 56 bits have. */
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
   * Decides about a root span by bits that were drawn before. They stand in its trace state as <a
   * href="https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/">explicit
   * randomness</a>, beside the threshold: those of the trace id are others.
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
