package lapalma.dice;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.StatusCodes;
import java.util.function.BooleanSupplier;

/** {@code GET /health}: 200 while requests are welcome, 503 while the server drains. */
final class HealthHandler implements HttpHandler {
  private static final String BODY = "{\"status\": \"%s\", \"app\": \"%s\", \"version\": \"%s\"}";

  private final String ok;
  private final String drains;
  private final BooleanSupplier draining;

  HealthHandler(String version, BooleanSupplier draining) {
    this.ok = BODY.formatted("ok", Settings.APP, version);
    this.drains = BODY.formatted("draining", Settings.APP, version);
    this.draining = draining;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) {
    if (draining.getAsBoolean()) {
      exchange.setStatusCode(StatusCodes.SERVICE_UNAVAILABLE);
      Json.send(exchange, drains);
    } else {
      Json.send(exchange, ok);
    }
  }
}
