package lapalma.dice;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;

/** {@code GET /fail}: fails on purpose, to show what a failure looks like. */
final class FailHandler implements HttpHandler {

  @Override
  public void handleRequest(HttpServerExchange exchange) {
    throw new IntentionalFailureException();
  }

  static final class IntentionalFailureException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    IntentionalFailureException() {
      super("Intentional failure");
    }
  }
}
