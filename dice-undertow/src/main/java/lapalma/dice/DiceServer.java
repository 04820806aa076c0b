package lapalma.dice;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.RoutingHandler;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

/** The HTTP server: its routes, its limits, and how it starts and stops. */
final class DiceServer {
  private static final Duration FINISH_IN_FLIGHT = Duration.ofSeconds(5);

  // Longer than the 60 s for which an AWS load balancer keeps an idle connection. If the server
  // closed it first, the balancer would answer 502 to a request that is sent at that moment.
  private static final Duration IDLE_CONNECTION = Duration.ofSeconds(75);
  private static final Duration REQUEST_HEAD = Duration.ofSeconds(5);
  private static final Duration READ_OR_WRITE = Duration.ofSeconds(10);
  private static final int MAX_HEAD_BYTES = 16 * 1024;
  private static final int MAX_HEADERS = 100;
  private static final long MAX_BODY_BYTES = 64L * 1024;

  private static final List<HttpString> METHODS = List.of(Methods.GET, Methods.HEAD);

  private static final Logger log = LoggerFactory.getLogger(DiceServer.class);

  private final Settings settings;
  private final RequestsInFlight requests;
  private Undertow undertow;

  DiceServer(Settings settings) {
    this.settings = settings;
    var metrics = new DiceMetrics(settings.version());
    this.requests = new RequestsInFlight(new RequestDurations(metrics, routes(metrics)));
  }

  private HttpHandler routes(DiceMetrics metrics) {
    var routes = new RoutingHandler();
    route(routes, "/", onWorker(new RollHandler(new Dice(), metrics)));
    route(routes, "/fail", onWorker(new FailHandler()));
    // Answered on the IO thread: probes and scrapes still get through when every worker is busy,
    // which is when they are needed most.
    route(routes, "/health", new HealthHandler(settings.version(), () -> requests.draining()));
    route(routes, "/metrics", new MetricsHandler(metrics.registry()));
    routes
        .setInvalidMethodHandler(JsonErrors.methodNotAllowed(METHODS))
        .setFallbackHandler(JsonErrors.notFound());
    return new StrictHttp(METHODS, routes);
  }

  private static void route(RoutingHandler routes, String template, HttpHandler handler) {
    METHODS.forEach(method -> routes.add(method, template, new JsonErrors(handler)));
  }

  /** Hands the request to a worker thread, as a handler that may block must. */
  private static HttpHandler onWorker(HttpHandler handler) {
    // An exception of a dispatched handler does not pass the handlers that dispatched it.
    var withErrors = new JsonErrors(handler);
    return exchange -> exchange.dispatch(withErrors);
  }

  /**
   * Listens on every address.
   *
   * @throws RuntimeException with a {@link java.net.BindException} as its cause when the port
   *     cannot be bound
   */
  void start() {
    undertow =
        Undertow.builder()
            .addHttpListener(settings.port(), "0.0.0.0")
            .setWorker(worker())
            .setSocketOption(Options.READ_TIMEOUT, millis(READ_OR_WRITE))
            .setSocketOption(Options.WRITE_TIMEOUT, millis(READ_OR_WRITE))
            .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, millis(REQUEST_HEAD))
            .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, millis(IDLE_CONNECTION))
            .setServerOption(UndertowOptions.IDLE_TIMEOUT, millis(IDLE_CONNECTION))
            .setServerOption(UndertowOptions.MAX_HEADER_SIZE, MAX_HEAD_BYTES)
            .setServerOption(UndertowOptions.MAX_HEADERS, MAX_HEADERS)
            .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, MAX_BODY_BYTES)
            .setHandler(requests)
            .build();
    undertow.start();
    log.atInfo().addKeyValue("port", port()).log("Listening");
  }

  /**
   * The worker that Undertow would make, except that it outlives its listeners: see {@link #stop}.
   */
  private static XnioWorker worker() {
    int ioThreads = Math.max(Runtime.getRuntime().availableProcessors(), 2);
    int workerThreads = ioThreads * 8;
    try {
      return Xnio.getInstance()
          .createWorker(
              OptionMap.builder()
                  .set(Options.WORKER_NAME, "dice")
                  .set(Options.WORKER_IO_THREADS, ioThreads)
                  .set(Options.WORKER_TASK_CORE_THREADS, workerThreads)
                  .set(Options.WORKER_TASK_MAX_THREADS, workerThreads)
                  .set(Options.TCP_NODELAY, true)
                  .getMap());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the port of the listener: the one that is set, or the one that 0 has taken. */
  int port() {
    return ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
  }

  /**
   * Stops without losing a request.
   *
   * <p>For the drain time of the settings, {@code /health} answers 503, so that balancers send
   * requests elsewhere; those that still come are answered, and their connections closed. Then the
   * port is closed, and requests in flight have up to 5 s to finish.
   */
  void stop() {
    log.atInfo().addKeyValue("drain_seconds", settings.drain().toSeconds()).log("Draining");
    requests.drain(settings.drain());
    if (!requests.quiet()) {
      requests.hold();
    }
    undertow.stop();
    // Not only until no request is in flight: a connection that was accepted just before may still
    // send one.
    if (requests.awaitQuiet(FINISH_IN_FLIGHT)) {
      log.info("Stopped");
    } else {
      log.atWarn()
          .addKeyValue("in_flight", requests.count())
          .log("Stopped with requests in flight");
    }
  }

  private static int millis(Duration duration) {
    return Math.toIntExact(duration.toMillis());
  }
}
