package lapalma.hello;

import io.prometheus.client.Counter;
import io.prometheus.client.Histogram;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RoutingHandler;
import io.undertow.util.Headers;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The smallest Undertow app with the answer, log line and metrics of dice. It has no limits, no
 * graceful stop, and only the routes of the variable {@code ROUTES}. Beside a slow app every agent
 * looks cheap, so the lab compares dice with this one. It runs on the libraries and the log
 * configuration of dice.jar.
 */
public final class Hello {
  private static final Logger log = LoggerFactory.getLogger(Hello.class);

  private Hello() {}

  public static void main(String[] args) {
    int routes = Integer.parseInt(System.getenv().getOrDefault("ROUTES", "0"));
    Undertow.builder()
        .addHttpListener(Integer.parseInt(System.getenv("PORT")), "0.0.0.0")
        .setHandler(routes == 0 ? roll("/") : routing(routes))
        .build()
        .start();
  }

  private static HttpHandler roll(String route) {
    return exchange -> exchange.dispatch(new RollHandler(route));
  }

  private static HttpHandler routing(int routes) {
    var routing = new RoutingHandler().setFallbackHandler(roll("/"));
    for (int number = 1; number <= routes; number++) {
      String route = "/route-%d/{id}".formatted(number);
      routing.get(route, roll(route));
    }
    return routing;
  }

  private record RollHandler(String route) implements HttpHandler {
    private static final Counter ROLLS =
        Counter.build("dice_rolls", "Rolls.").labelNames("app", "face").register();
    private static final Histogram DURATIONS =
        Histogram.build("http_request_duration_seconds", "Durations.")
            .labelNames("app", "method", "route", "status")
            .buckets(.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5)
            .register();

    @Override
    public void handleRequest(HttpServerExchange exchange) {
      long start = System.nanoTime();
      int value = ThreadLocalRandom.current().nextInt(1, 7);
      ROLLS.labels("dice-api", String.valueOf(value)).inc();
      log.atInfo().addKeyValue("dice_value", value).log("Dice rolled");
      exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
      DURATIONS.labels("dice-api", "GET", route, "200").observe((System.nanoTime() - start) / 1e9);
      exchange.getResponseSender().send("{\"dice_value\": " + value + "}");
    }
  }
}
