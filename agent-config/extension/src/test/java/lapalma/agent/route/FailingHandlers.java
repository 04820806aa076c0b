package lapalma.agent.route;

import io.undertow.server.DefaultResponseListener;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;

/** Handlers that fail. They are classes and no lambdas: upstream sees only those return. */
public final class FailingHandlers {
  private FailingHandlers() {}

  /** Attaches an exception and ends the exchange, as Undertow's own handlers do. */
  public static final class AttachesAndEnds implements HttpHandler {
    @Override
    public void handleRequest(HttpServerExchange exchange) {
      exchange.putAttachment(
          DefaultResponseListener.EXCEPTION, new IllegalStateException("no dice"));
      exchange.setStatusCode(500).endExchange();
    }
  }

  /** Throws an exception. */
  public static final class Throws implements HttpHandler {
    @Override
    public void handleRequest(HttpServerExchange exchange) {
      throw new IllegalStateException("thrown");
    }
  }
}
