package lapalma.agent.sampling;

import io.opentelemetry.api.incubator.config.DeclarativeConfigException;
import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import lapalma.agent.config.Settings;
import org.jspecify.annotations.Nullable;

/**
 * Which requests get a span after their end, although they were not sampled.
 *
 * <p>Settings: {@code errors} (true or false; true by default), {@code slower_than} (in ms, at
 * least 1; no limit by default), {@code slower_than_by_route} (a list of {@code route}, such as
 * "GET /items/{id}", and {@code slower_than}) and {@code most_per_second} (at least 1; 100 by
 * default).
 */
final class KeptRequests {
  static final String ERROR = "error";
  static final String SLOW = "slow";

  private static final int PER_SECOND = 100;
  private static final String SLOWER_THAN = "slower_than";

  private final boolean errors;
  private final Long slowNanos; // boxed once, not for each request
  private final Map<String, Long> slowNanosByRoute = new HashMap<>();
  private final RateLimiter limiter;

  /**
   * Reads the settings.
   *
   * @throws DeclarativeConfigException if one is not as the class says
   */
  KeptRequests(DeclarativeConfigProperties config, LongSupplier nanoClock) {
    this.errors = config.getBoolean("errors", true);
    this.slowNanos =
        config.getPropertyKeys().contains(SLOWER_THAN) ? nanos(config) : Long.MAX_VALUE;
    for (DeclarativeConfigProperties one :
        config.getStructuredList("slower_than_by_route", List.of())) {
      String route = one.getString("route");
      if (route == null || !one.getPropertyKeys().contains(SLOWER_THAN)) {
        throw new DeclarativeConfigException(
            "slower_than_by_route needs route and slower_than in each entry");
      }
      slowNanosByRoute.put(route, nanos(one));
    }
    this.limiter =
        new RateLimiter(Settings.atLeastOne(config, "most_per_second", PER_SECOND), nanoClock);
  }

  private static long nanos(DeclarativeConfigProperties config) {
    return TimeUnit.MILLISECONDS.toNanos(Settings.atLeastOne(config, SLOWER_THAN, 1));
  }

  /** Returns {@link #ERROR}, {@link #SLOW}, or null if the request is not kept. */
  @Nullable String reason(String spanName, boolean failed, long nanos) {
    String reason =
        failed && errors
            ? ERROR
            : nanos > slowNanosByRoute.getOrDefault(spanName, slowNanos) ? SLOW : null;
    return reason != null && limiter.tryAcquire() ? reason : null;
  }
}
