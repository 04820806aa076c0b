package lapalma.e2e.agent;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.server.handlers.GracefulShutdownHandler;

/** A plain Undertow app that drains in an ordinary shutdown hook, as most apps do. */
final class StoppingApp {
  private StoppingApp() {}

  /**
   * Listens on the given port. A request to /slow takes as many milliseconds as the second says.
   */
  public static void main(String[] args) {
    long millis = Long.parseLong(args[1]);
    GracefulShutdownHandler graceful =
        Handlers.gracefulShutdown(
            Handlers.routing()
                .get("/ready", exchange -> exchange.getResponseSender().send("ready"))
                .get(
                    "/slow",
                    new BlockingHandler(
                        exchange -> {
                          System.out.println("Working");
                          Thread.sleep(millis);
                          exchange.getResponseSender().send("slow");
                        })));
    Undertow server =
        Undertow.builder()
            .addHttpListener(Integer.parseInt(args[0]), "127.0.0.1")
            .setHandler(graceful)
            .build();
    server.start();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  graceful.shutdown();
                  try {
                    graceful.awaitShutdown();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  server.stop();
                }));
  }
}
