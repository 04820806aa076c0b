package lapalma.agent.sampling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The rate of each operation: by its route's template, else by the span's name. */
final class OperationRates {
  private record RouteRate(RouteTemplate route, double rate) {}

  private final Map<String, Double> byName;
  private final double byDefault;

  /** The most specific template first. */
  private final List<RouteRate> byRoute = new ArrayList<>();

  OperationRates(Map<String, Double> rates, double byDefault) {
    this.byName = Map.copyOf(rates);
    this.byDefault = byDefault;
    rates.forEach(
        (operation, rate) ->
            RouteTemplate.of(operation)
                .ifPresent(route -> byRoute.add(new RouteRate(route, rate))));
    byRoute.sort(Comparator.comparing(RouteRate::route, RouteTemplate.MOST_SPECIFIC_FIRST));
  }

  /**
   * The rate of a span that is about to begin.
   *
   * @param name its name so far: of a request only the method
   * @param method of the request, or null where it is none
   * @param path of the request, or null where it is none
   */
  double of(String name, String method, String path) {
    if (method != null && path != null) {
      for (RouteRate one : byRoute) {
        if (one.route().matches(method, path)) {
          return one.rate();
        }
      }
    }
    return byName.getOrDefault(name, byDefault);
  }
}
