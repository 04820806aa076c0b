package lapalma.agent.sampling;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.extension.incubator.trace.samplers.SamplingIntent;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.function.Function;

/**
 * The share of root spans that are sampled.
 *
 * @param rate from 0 to 1
 * @param threshold the bound for the last 56 bits of a trace ID: a span with bits below it is not
 *     sampled
 * @param intent the same for the SDK; made once, because each request needs it
 * @param sampled the outcome for a span that is sampled
 */
record Share(double rate, long threshold, SamplingIntent intent, SamplingResult sampled) {
  /** The number of thresholds. */
  static final long THRESHOLDS = 1L << 56;

  static final SamplingIntent NONE = intent(-1, false);

  /** Sampled for reasons that do not tell how many other spans the span stands for. */
  static final SamplingIntent CHOSEN = intent(0, false);

  /** Where the 56 bits begin in the text of a trace ID, and their number of digits. */
  private static final int BITS_BEGIN = 18;

  private static final int BITS_END = 32;
  private static final int HEX = 16;

  static Share of(double rate) {
    long threshold = Math.round((1 - rate) * THRESHOLDS);
    return new Share(
        rate,
        threshold,
        threshold >= THRESHOLDS ? NONE : intent(threshold, true),
        new SampledRoot(TraceState.builder().put("ot", "th:" + hex(threshold)).build()));
  }

  /**
   * Decides about a root span by its trace ID, whose last 56 bits are random. The threshold is in
   * the trace state, which tells how many spans a sampled one stands for (<a
   * href="https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/">specification</a>).
   */
  SamplingResult of(String traceId) {
    return Long.parseLong(traceId, BITS_BEGIN, BITS_END, HEX) < threshold
        ? SamplingResult.drop()
        : sampled;
  }

  private static String hex(long threshold) {
    String digits = "%014x".formatted(threshold).replaceFirst("0+$", "");
    return digits.isEmpty() ? "0" : digits;
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
