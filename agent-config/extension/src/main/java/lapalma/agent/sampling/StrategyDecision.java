package lapalma.agent.sampling;

import static io.opentelemetry.api.common.AttributeKey.stringKey;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.extension.incubator.trace.samplers.SamplingIntent;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/** One strategy, ready to decide about root spans. */
final class StrategyDecision {
  private static final AttributeKey<String> METHOD = stringKey("http.request.method");
  static final AttributeKey<String> PATH = stringKey("url.path");

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

  /** Returns the bound below which 56 random bits are never sampled, whatever the limit. */
  long dropsBelow(String name, String method, String path) {
    // With a limit, the share is drawn anew when the span is made.
    return limiter == null ? rates.of(name, method, path).threshold() : 0;
  }

  private Share share(String name, Attributes attributes) {
    return rates.of(name, attributes.get(METHOD), attributes.get(PATH));
  }

  SamplingIntent intent(String name, Attributes attributes) {
    Share share = share(name, attributes);
    if (limiter == null) {
      return share.intent();
    }
    return isChosen(share) ? Share.CHOSEN : Share.NONE;
  }

  /** Decides as the SDK's composite sampler would, which makes a new trace state for each span. */
  SamplingResult root(String traceId, String name, Attributes attributes) {
    return limiter == null ? share(name, attributes).of(traceId) : byChance(name, attributes);
  }

  /** Decides by chance: a client may have chosen the bits of its trace ID. */
  SamplingResult byChance(String name, Attributes attributes) {
    return isChosen(share(name, attributes))
        ? SamplingResult.recordAndSample()
        : SamplingResult.drop();
  }

  private boolean isChosen(Share share) {
    // The share comes first: a span that it drops must not use up the limit.
    return ThreadLocalRandom.current().nextDouble() < share.rate()
        && (limiter == null || limiter.tryAcquire());
  }
}
