package lapalma.agent.sampling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rate of each operation: by the template of its route, or else by the span's name. A request
 * with a path of more than 2,048 characters has the default rate.
 */
final class OperationRates {
  /** In characters. A longer path is compared with no template, which would cost too much. */
  private static final int LONGEST_PATH = 2048;

  private record RouteShare(RouteTemplate route, Share share) {}

  private final Map<String, Share> byName;
  private final Share byDefault;

  /** The most specific template first. */
  private final List<RouteShare> byRoute = new ArrayList<>();

  OperationRates(Map<String, Double> rates, double byDefault) {
    Map<String, Share> shares = new HashMap<>();
    rates.forEach((operation, rate) -> shares.put(operation, Share.of(rate)));
    this.byName = Map.copyOf(shares);
    this.byDefault = Share.of(byDefault);
    shares.forEach(
        (operation, share) ->
            RouteTemplate.of(operation)
                .ifPresent(route -> byRoute.add(new RouteShare(route, share))));
    byRoute.sort(Comparator.comparing(RouteShare::route, RouteTemplate.MOST_SPECIFIC_FIRST));
  }

  /**
   * Returns the rate of a span that is about to begin.
   *
   * @param name its name so far, which is only the method for a request
   * @param method of the request, or null if it is none
   * @param path of the request, or null if it is none
   */
  Share of(String name, String method, String path) {
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
