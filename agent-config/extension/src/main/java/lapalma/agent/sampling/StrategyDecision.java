package lapalma.agent.sampling;

import static io.opentelemetry.api.common.AttributeKey.stringKey;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.extension.incubator.trace.samplers.SamplingIntent;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** One strategy, ready to decide about root spans. */
final class StrategyDecision {
  private static final AttributeKey<String> METHOD = stringKey("http.request.method");
  private static final AttributeKey<String> PATH = stringKey("url.path");

  /** A span is sampled when its 56 random bits are not below the threshold. */
  private static final double THRESHOLDS = 0x1p56;

  private static final SamplingIntent NONE = intent(-1, false);

  /** Sampled, but for reasons that do not tell how many other spans it stands for. */
  private static final SamplingIntent CHOSEN = intent(0, false);

  private final Strategy strategy;
  private final OperationRates rates;
  private final RateLimiter limiter; // null where there is no limit

  StrategyDecision(Strategy strategy, LongSupplier nanoClock) {
    this.strategy = strategy;
    this.rates = new OperationRates(strategy.rates(), strategy.defaultRate());
    this.limiter =
        strategy.tracesPerSecond().isPresent()
            ? new RateLimiter(strategy.tracesPerSecond().getAsInt(), nanoClock)
            : null;
  }

  Strategy strategy() {
    return strategy;
  }

  SamplingIntent intent(String name, Attributes attributes) {
    double rate = rates.of(name, attributes.get(METHOD), attributes.get(PATH));
    if (limiter == null) {
      return share(rate);
    }
    // The share comes first: a span that it drops must not use up the limit.
    boolean chosen = ThreadLocalRandom.current().nextDouble() < rate && limiter.tryAcquire();
    return chosen ? CHOSEN : NONE;
  }

  private static SamplingIntent share(double rate) {
    long threshold = Math.round((1 - rate) * THRESHOLDS);
    return threshold >= THRESHOLDS ? NONE : intent(threshold, true);
  }

  private static SamplingIntent intent(long threshold, boolean tellsTheShare) {
    return SamplingIntent.create(threshold, tellsTheShare, Attributes.empty(), Function.identity());
  }
}
