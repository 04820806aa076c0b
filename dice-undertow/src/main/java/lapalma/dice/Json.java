package lapalma.dice;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;

/** Answers that are JSON. Every body is made of values that need no escaping. */
final class Json {
  private Json() {}

  static void send(HttpServerExchange exchange, String body) {
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
    exchange.getResponseSender().send(body);
  }
}
