package lapalma.dice;

import io.undertow.server.DefaultResponseListener;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;
import java.util.List;
import java.util.stream.Collectors;
import lapalma.dice.FailHandler.IntentionalFailureException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers every failure with JSON in the form of the reference app. */
final class JsonErrors implements HttpHandler {
  private static final Logger log = LoggerFactory.getLogger(JsonErrors.class);

  private final HttpHandler next;

  JsonErrors(HttpHandler next) {
    this.next = next;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Exception {
    try {
      next.handleRequest(exchange);
    } catch (Exception e) {
      log.error("Request failed", e);
      if (exchange.isResponseStarted()) {
        throw e; // too late for a status: Undertow closes the connection
      }
      // The attachment under which Undertow itself puts the exceptions of handlers.
      exchange.putAttachment(DefaultResponseListener.EXCEPTION, e);
      send(
          exchange,
          StatusCodes.INTERNAL_SERVER_ERROR,
          "internal_server_error",
          // Only the message of a known exception: others may contain internal details.
          e instanceof IntentionalFailureException ? e.getMessage() : "Unexpected failure");
    }
  }

  static HttpHandler badTransferCoding() {
    return exchange ->
        send(
            exchange, StatusCodes.BAD_REQUEST, "bad_request", "Use no transfer coding but chunked");
  }

  static HttpHandler notFound() {
    return exchange ->
        send(exchange, StatusCodes.NOT_FOUND, "not_found", "There is nothing at this path");
  }

  static HttpHandler methodNotAllowed(List<HttpString> allowed) {
    String allow = allowed.stream().map(HttpString::toString).collect(Collectors.joining(", "));
    return exchange -> {
      exchange.getResponseHeaders().put(Headers.ALLOW, allow);
      send(exchange, StatusCodes.METHOD_NOT_ALLOWED, "method_not_allowed", "Use " + allow);
    };
  }

  private static void send(HttpServerExchange exchange, int status, String error, String message) {
    exchange.setStatusCode(status);
    Json.send(
        exchange,
        "{\"error\": \"%s\", \"app\": \"%s\", \"message\": \"%s\"}"
            .formatted(error, Settings.APP, message));
  }
}
