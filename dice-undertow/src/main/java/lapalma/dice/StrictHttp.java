package lapalma.dice;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.List;

/** Refuses requests that HTTP/1.1 forbids and that Undertow would serve. */
final class StrictHttp implements HttpHandler {
  private final List<HttpString> methods;
  private final HttpHandler methodNotAllowed;
  private final HttpHandler badTransferCoding = JsonErrors.badTransferCoding();
  private final HttpHandler next;

  StrictHttp(List<HttpString> allowedMethods, HttpHandler next) {
    this.methods = allowedMethods;
    this.methodNotAllowed = JsonErrors.methodNotAllowed(allowedMethods);
    this.next = next;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Exception {
    if (!knowsTransferCoding(exchange)) {
      // Where this request ends is unknown, and so where the next one begins.
      exchange.setPersistent(false);
      badTransferCoding.handleRequest(exchange);
    } else if (hasOtherCase(exchange.getRequestMethod())) {
      methodNotAllowed.handleRequest(exchange);
    } else {
      next.handleRequest(exchange);
    }
  }

  /** RFC 9112, section 6.1. Undertow treats every transfer coding as chunked. */
  private static boolean knowsTransferCoding(HttpServerExchange exchange) {
    HeaderValues codings = exchange.getRequestHeaders().get(Headers.TRANSFER_ENCODING);
    return codings == null
        || (codings.size() == 1 && codings.getFirst().equalsIgnoreCase("chunked"));
  }

  /** RFC 9110, section 9.1: methods are case-sensitive. Undertow's router ignores their case. */
  private boolean hasOtherCase(HttpString method) {
    int allowed = methods.indexOf(method);
    return allowed >= 0 && !methods.get(allowed).toString().equals(method.toString());
  }
}
