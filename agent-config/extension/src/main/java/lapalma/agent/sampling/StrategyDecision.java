package lapalma.agent.sampling;

import static io.opentelemetry.api.common.AttributeKey.stringKey;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.extension.incubator.trace.samplers.SamplingIntent;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One strategy, ready to decide about root spans: by the share of the route's template, or else of
 * the span's name. A request with a path of more than 2,048 characters has the default share.
 */
final class StrategyDecision {
  private static final AttributeKey<String> METHOD = stringKey("http.request.method");
  static final AttributeKey<String> PATH = stringKey("url.path");

  /** In characters. A longer path is compared with no template, which would cost too much. */
  private static final int LONGEST_PATH = 2048;

  private record RouteShare(RouteTemplate route, Share share) {}

  private final Strategy strategy;
  private final LongSupplier nanoClock;
  private final @Nullable RateLimiter limiter; // null where there is no limit
  private final Map<String, Share> byName = new HashMap<>();
  private final Share byDefault;

  /** The most specific template first. */
  private final List<RouteShare> byRoute = new ArrayList<>();

  StrategyDecision(Strategy strategy, LongSupplier nanoClock) {
    this.strategy = strategy;
    this.nanoClock = nanoClock;
    this.limiter =
        strategy.tracesPerSecond().isPresent()
            ? new RateLimiter(strategy.tracesPerSecond().getAsInt(), nanoClock)
            : null;
    this.byDefault = share(strategy.defaultRate());
    strategy
        .rates()
        .forEach(
            (operation, rate) -> {
              Share share = share(rate);
              byName.put(operation, share);
              RouteTemplate.of(operation)
                  .ifPresent(route -> byRoute.add(new RouteShare(route, share)));
            });
    byRoute.sort(Comparator.comparing(RouteShare::route, RouteTemplate.MOST_SPECIFIC_FIRST));
  }

  /** Each share has a lower bound of its own. */
  private Share share(double rate) {
    double atLeast = strategy.atLeastPerSecond();
    return Share.of(rate, atLeast == 0 ? null : new RateLimiter(atLeast, nanoClock));
  }

  Strategy strategy() {
    return strategy;
  }

  /** Returns the bound below which 56 random bits are not sampled, whatever the limit. */
  long dropsBelow(String name, String method, String path) {
    // With a limit, the share is drawn anew when the span is made.
    return limiter == null ? share(name, method, path).dropsBelow() : 0;
  }

  SamplingIntent intent(String name, Attributes attributes) {
    Share share = ofNext(name, attributes);
    if (limiter == null) {
      return share.intent();
    }
    return isChosen(share) ? Share.CHOSEN : Share.NONE;
  }

  /** Decides as the SDK's composite sampler would, which makes a new trace state for each span. */
  SamplingResult root(String traceId, String name, Attributes attributes) {
    return limiter == null ? ofNext(name, attributes).of(traceId) : byChance(name, attributes);
  }

  /** Decides by chance: a client may have chosen the bits of its trace ID. */
  SamplingResult byChance(String name, Attributes attributes) {
    return isChosen(ofNext(name, attributes)) ? Outcome.SAMPLED : Outcome.DROPPED;
  }

  private boolean isChosen(Share share) {
    // The share comes first: a span that it drops must not use up the limit.
    return share.isDrawn() && (limiter == null || limiter.tryAcquire());
  }

  private Share ofNext(String name, Attributes attributes) {
    return share(name, attributes.get(METHOD), attributes.get(PATH)).ofNext();
  }

  /**
   * Returns the share of a span that is about to begin.
   *
   * @param name its name so far, which is only the method for a request
   * @param method of the request, or null if it is none
   * @param path of the request, or null if it is none
   */
  Share share(String name, String method, String path) {
    if (method != null && path != null && path.length() <= LONGEST_PATH) {
      for (RouteShare one : byRoute) {
        if (one.route().matches(method, path)) {
          return one.share();
        }
      }
    }
    return byName.getOrDefault(name, byDefault);
  }
}
