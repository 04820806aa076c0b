package lapalma.agent.sampling;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.extension.incubator.trace.samplers.SamplingIntent;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The share of the root spans of an operation that are sampled.
 *
 * @param threshold the bound for the last 56 bits of a trace ID: a span with bits below it is not
 *     sampled
 * @param atLeast lets so many spans through that all of them are sampled, whatever the rate; null
 *     if the operation has no lower bound
 * @param intent the same for the SDK; made once, because each request needs it
 * @param sampled the outcome for a span that is sampled
 */
record Share(
    long threshold, @Nullable RateLimiter atLeast, SamplingIntent intent, Outcome sampled) {
  /** The number of thresholds. */
  static final long THRESHOLDS = 1L << 56;

  static final SamplingIntent NONE = intent(-1, false);

  /** Sampled for reasons that do not tell how many other spans the span stands for. */
  static final SamplingIntent CHOSEN = intent(0, false);

  private static final Share ALL = of(1, null);

  static Share of(double rate, @Nullable RateLimiter atLeast) {
    long threshold = Math.round((1 - rate) * THRESHOLDS);
    return new Share(
        threshold,
        atLeast,
        threshold >= THRESHOLDS ? NONE : intent(threshold, true),
        Outcome.sampledBy(threshold));
  }

  /** Decides by chance. */
  boolean isDrawn() {
    return ThreadLocalRandom.current().nextLong(THRESHOLDS) >= threshold;
  }

  /** Returns the bound below which 56 random bits are not sampled. */
  long dropsBelow() {
    return atLeast != null && atLeast.isReady() ? 0 : threshold;
  }

  /**
   * Returns the share of which a span is that begins now: all spans are sampled, and stand only for
   * themselves, until the lower bound of this second is reached.
   *
   * <p>Jaeger's clients ask for the rate first. They sample the same spans, but a span that only
   * the lower bound has sampled then tells a wrong number, or none.
   */
  Share ofNext() {
    return atLeast != null && atLeast.tryAcquire() ? ALL : this;
  }

  /** Decides about a root span by its trace ID. */
  SamplingResult of(String traceId) {
    return Outcome.randomBits(traceId) < threshold ? Outcome.DROPPED : sampled;
  }

  private static SamplingIntent intent(long threshold, boolean tellsTheShare) {
    return SamplingIntent.create(threshold, tellsTheShare, Attributes.empty(), Function.identity());
  }
}
