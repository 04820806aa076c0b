package lapalma.dice;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import java.util.Set;
import java.util.stream.IntStream;

/** The app's own metrics, each labelled {@code app="dice-api"} as in the reference app. */
final class DiceMetrics {
  /** The methods that RFC 9110 and RFC 5789 define; a label has no room for invented ones. */
  private static final Set<String> KNOWN_METHODS =
      Set.of("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE");

  private static final String OTHER_METHOD = "_OTHER";

  private final CollectorRegistry registry = new CollectorRegistry();
  private final Counter.Child[] rollsByFace;
  private final Histogram requestDuration;

  DiceMetrics(String version) {
    Gauge.build("app_info", "Which version of the app runs; the value is always 1.")
        .labelNames("app", "version")
        .register(registry)
        .labels(Settings.APP, version)
        .set(1);
    Counter rolls =
        Counter.build("dice_rolls", "Rolls of the dice by the face that came up.")
            .labelNames("app", "face")
            .register(registry);
    rollsByFace =
        IntStream.rangeClosed(1, Dice.FACES)
            .mapToObj(face -> rolls.labels(Settings.APP, String.valueOf(face)))
            .toArray(Counter.Child[]::new);
    requestDuration =
        Histogram.build(
                "http_request_duration_seconds",
                "Time from the arrival of a request until its answer begins.")
            .labelNames("app", "method", "route", "status")
            .buckets(.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5)
            .register(registry);
  }

  CollectorRegistry registry() {
    return registry;
  }

  void rolled(int face) {
    rollsByFace[face - 1].inc();
  }

  void requestAnswered(String method, String route, int status, long nanos) {
    requestDuration
        .labels(
            Settings.APP,
            KNOWN_METHODS.contains(method) ? method : OTHER_METHOD,
            route,
            String.valueOf(status))
        .observe(nanos / Collector.NANOSECONDS_PER_SECOND);
  }
}
