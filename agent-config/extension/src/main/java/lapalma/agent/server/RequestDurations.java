package lapalma.agent.server;

import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.incubator.metrics.BoundDoubleHistogram;
import io.opentelemetry.api.incubator.metrics.ExtendedDoubleHistogram;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.context.Context;
import io.opentelemetry.instrumentation.api.internal.HttpConstants;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Records {@code http.server.request.duration}, in seconds, with the attributes of the semantic
 * conventions. Each series is made once and kept, up to {@value #MOST_ROUTES} routes, unless a
 * client has chosen an odd scheme or protocol.
 */
public final class RequestDurations {
  static final AttributeKey<String> METHOD = stringKey("http.request.method");
  static final AttributeKey<String> ROUTE = stringKey("http.route");
  static final AttributeKey<Long> STATUS = longKey("http.response.status_code");
  static final AttributeKey<String> ERROR = stringKey("error.type");
  static final AttributeKey<String> SCHEME = stringKey("url.scheme");
  private static final AttributeKey<String> VERSION = stringKey("network.protocol.version");

  private static final Set<String> SCHEMES = Set.of("http", "https");
  private static final Set<String> VERSIONS = Set.of("1.0", "1.1", "2");

  private static final String NO_ROUTE = "";
  private static final Series[] NONE = {};

  /**
   * The number of routes whose series are kept. Some apps put a part of the requested path into the
   * template, so that clients could add any number of routes.
   */
  private static final int MOST_ROUTES = 1000;

  private static final double NANOS_PER_SECOND = 1e9;
  private static final int LEAST_ERROR = 500;

  private final DoubleHistogram histogram;
  private final Map<String, Series[]> byRoute = new ConcurrentHashMap<>();

  /**
   * A method and a status of a route.
   *
   * @param route empty if there is none
   * @param spanName of a request with that method and route
   * @param bound the histogram bound to the attributes, or null if the series is not kept
   */
  record Series(
      String method,
      String route,
      int status,
      String scheme,
      @Nullable String version,
      String spanName,
      Attributes attributes,
      @Nullable BoundDoubleHistogram bound) {

    private boolean isOf(String method, int status, String scheme, @Nullable String version) {
      return this.status == status
          && this.method.equals(method)
          && this.scheme.equals(scheme)
          && Objects.equals(this.version, version);
    }
  }

  RequestDurations(Meter meter) {
    histogram =
        meter
            .histogramBuilder("http.server.request.duration")
            .setUnit("s")
            .setDescription("Duration of HTTP server requests.")
            // The boundaries of the semantic conventions, unless a view has others.
            .setExplicitBucketBoundariesAdvice(
                List.of(
                    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5,
                    10.0))
            .build();
  }

  /**
   * @param context whose span may become an exemplar
   */
  void record(Series series, long nanos, Context context) {
    double seconds = nanos / NANOS_PER_SECOND;
    if (series.bound != null) {
      series.bound.record(seconds, context);
    } else {
      histogram.record(seconds, series.attributes, context);
    }
  }

  /** Returns the name of a request's span by the semantic conventions. */
  static String spanName(String method, String route) {
    String verb = method.equals(HttpConstants._OTHER) ? "HTTP" : method;
    return route.isEmpty() ? verb : verb + " " + route;
  }

  /** Returns whether the semantic conventions call a status an error of the server. */
  static boolean isError(int status) {
    return status >= LEAST_ERROR;
  }

  /**
   * Returns the series of a request.
   *
   * @param matched the template, or null if none has matched
   * @param version of the protocol, or null if it has none
   */
  Series of(
      String method,
      @Nullable String matched,
      int status,
      String scheme,
      @Nullable String version) {
    String route = matched == null ? NO_ROUTE : matched;
    Series[] known = byRoute.getOrDefault(route, NONE);
    Series found = find(known, method, status, scheme, version);
    if (found != null) {
      return found;
    }
    Attributes attributes = attributes(method, route, status, scheme, version);
    String spanName = spanName(method, route);
    if ((known.length == 0 && byRoute.size() >= MOST_ROUTES)
        || !SCHEMES.contains(String.valueOf(scheme))
        || !VERSIONS.contains(String.valueOf(version))) {
      return new Series(method, route, status, scheme, version, spanName, attributes, null);
    }
    var made =
        new Series(
            method,
            route,
            status,
            scheme,
            version,
            spanName,
            attributes,
            histogram instanceof ExtendedDoubleHistogram extended
                ? extended.bind(attributes)
                : null);
    Series[] all = byRoute.merge(route, new Series[] {made}, RequestDurations::append);
    return Objects.requireNonNull(find(all, method, status, scheme, version));
  }

  private static @Nullable Series find(
      Series[] all, String method, int status, String scheme, @Nullable String version) {
    for (Series one : all) {
      if (one.isOf(method, status, scheme, version)) {
        return one;
      }
    }
    return null;
  }

  /** Appends a series, unless another thread has done so in the meantime. */
  private static Series[] append(Series[] before, Series[] one) {
    Series added = one[0];
    if (find(before, added.method, added.status, added.scheme, added.version) != null) {
      return before;
    }
    Series[] more = Arrays.copyOf(before, before.length + 1);
    more[before.length] = added;
    return more;
  }

  private static Attributes attributes(
      String method, String route, int status, String scheme, @Nullable String version) {
    AttributesBuilder attributes = Attributes.builder();
    attributes.put(METHOD, method);
    attributes.put(STATUS, (long) status);
    attributes.put(SCHEME, scheme);
    attributes.put(VERSION, version);
    if (!route.isEmpty()) {
      attributes.put(ROUTE, route);
    }
    if (isError(status)) {
      attributes.put(ERROR, String.valueOf(status));
    }
    return attributes.build();
  }
}
