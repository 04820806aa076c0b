package lapalma.agent.sampling;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.extension.incubator.trace.samplers.SamplingIntent;
import java.util.function.Function;

/**
 * The share of root spans that are sampled.
 *
 * @param rate from 0 to 1
 * @param threshold below which 56 random bits are not sampled
 * @param intent tells the SDK so; it is made once, since it is asked for at each request
 */
record Share(double rate, long threshold, SamplingIntent intent) {
  /** A span is sampled when its 56 random bits are not below the threshold. */
  static final long THRESHOLDS = 1L << 56;

  static final SamplingIntent NONE = intent(-1, false);

  /** Sampled, but for reasons that do not tell how many other spans it stands for. */
  static final SamplingIntent CHOSEN = intent(0, false);

  static Share of(double rate) {
    long threshold = Math.round((1 - rate) * THRESHOLDS);
    return new Share(rate, threshold, threshold >= THRESHOLDS ? NONE : intent(threshold, true));
  }

  private static SamplingIntent intent(long threshold, boolean tellsTheShare) {
    return SamplingIntent.create(threshold, tellsTheShare, Attributes.empty(), Function.identity());
  }
}
