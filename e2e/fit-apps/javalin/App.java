package lapalma.fit.javalin;

import io.javalin.Javalin;
import java.util.logging.Logger;

/** Javalin on Jetty. */
public final class App {
  private static final Logger log = Logger.getLogger(App.class.getName());

  private App() {}

  public static void main(String[] arguments) {
    Javalin.create(
            config -> {
              config.routes.get(
                  "/items/{id}",
                  request -> {
                    log.info("Item looked up");
                    request.result(request.pathParam("id"));
                  });
              config.routes.get(
                  "/fail",
                  request -> {
                    throw new IllegalStateException("Out of stock");
                  });
            })
        .start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
  }
}
