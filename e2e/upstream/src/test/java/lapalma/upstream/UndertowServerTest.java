package lapalma.upstream;

import static io.opentelemetry.instrumentation.testing.junit.http.ServerEndpoint.CAPTURE_HEADERS;
import static io.opentelemetry.instrumentation.testing.junit.http.ServerEndpoint.ERROR;
import static io.opentelemetry.instrumentation.testing.junit.http.ServerEndpoint.EXCEPTION;
import static io.opentelemetry.instrumentation.testing.junit.http.ServerEndpoint.INDEXED_CHILD;
import static io.opentelemetry.instrumentation.testing.junit.http.ServerEndpoint.NOT_FOUND;
import static io.opentelemetry.instrumentation.testing.junit.http.ServerEndpoint.QUERY_PARAM;
import static io.opentelemetry.instrumentation.testing.junit.http.ServerEndpoint.REDIRECT;
import static io.opentelemetry.instrumentation.testing.junit.http.ServerEndpoint.SUCCESS;
import static io.opentelemetry.semconv.HttpAttributes.HTTP_ROUTE;
import static io.opentelemetry.semconv.NetworkAttributes.NETWORK_PEER_PORT;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.instrumentation.testing.junit.InstrumentationExtension;
import io.opentelemetry.instrumentation.testing.junit.http.AbstractHttpServerTest;
import io.opentelemetry.instrumentation.testing.junit.http.HttpServerInstrumentationExtension;
import io.opentelemetry.instrumentation.testing.junit.http.HttpServerTestOptions;
import io.opentelemetry.instrumentation.testing.junit.http.ServerEndpoint;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.PathHandler;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The server that upstream tests its module with: the same paths, answers and options. */
class UndertowServerTest extends AbstractHttpServerTest<Undertow> {
  @RegisterExtension
  static final InstrumentationExtension testing = HttpServerInstrumentationExtension.forAgent();

  @Override
  public Undertow setupServer() {
    PathHandler paths = new PathHandler();
    add(
        paths, SUCCESS, exchange -> exchange.getResponseSender().send(SUCCESS.getBody()));
    add(
        paths, QUERY_PARAM, exchange -> exchange.getResponseSender().send(exchange.getQueryString()));
    add(
        paths,
        REDIRECT,
        exchange -> {
          exchange.setStatusCode(302);
          exchange.getResponseHeaders().put(Headers.LOCATION, REDIRECT.getBody());
          exchange.endExchange();
        });
    add(
        paths,
        CAPTURE_HEADERS,
        exchange -> {
          exchange
              .getResponseHeaders()
              .put(
                  new HttpString("X-Test-Response"),
                  exchange.getRequestHeaders().getFirst("X-Test-Request"));
          exchange.getResponseSender().send(CAPTURE_HEADERS.getBody());
        });
    add(
        paths,
        ERROR,
        exchange -> {
          exchange.setStatusCode(ERROR.getStatus());
          exchange.getResponseSender().send(ERROR.getBody());
        });
    add(
        paths,
        INDEXED_CHILD,
        exchange -> {
          INDEXED_CHILD.collectSpanAttributes(
              name -> exchange.getQueryParameters().get(name).peekFirst());
          exchange.getResponseSender().send(INDEXED_CHILD.getBody());
        });
    paths
        .addExactPath(
            EXCEPTION.rawPath(),
            exchange ->
                testing.runWithSpan(
                    "controller",
                    () -> {
                      throw new IllegalStateException(EXCEPTION.getBody());
                    }))
        .addExactPath(
            "sendResponse",
            exchange -> {
              Span.current().addEvent("before");
              exchange.getResponseSender().send("sent");
              // Only a span that has not ended takes it: the answer does not end the span.
              Span.current().addEvent("after");
            })
        .addExactPath(
            "sendResponseWithException",
            exchange -> {
              exchange.getResponseSender().send("sent");
              Span.current().addEvent("after");
              throw new IllegalStateException("after the answer");
            });
    Undertow server =
        Undertow.builder()
            .addHttpListener(port, "localhost")
            .setServerOption(UndertowOptions.ENABLE_HTTP2, useHttp2())
            .setHandler(paths)
            .build();
    server.start();
    return server;
  }

  /** Adds the handler of an endpoint, within the span that the tests expect below the server's. */
  private void add(PathHandler paths, ServerEndpoint endpoint, HttpHandler handler) {
    HttpHandler controller =
        exchange ->
            controller(
                endpoint,
                () -> {
                  handler.handleRequest(exchange);
                  return null;
                });
    paths.addExactPath(
        endpoint.rawPath(), dispatches() ? exchange -> exchange.dispatch(controller) : controller);
  }

  @Override
  public void stopServer(Undertow server) {
    server.stop();
  }

  @Override
  protected void configure(HttpServerTestOptions options) {
    // Upstream's module knows no routes, of which NOT_FOUND has none in either.
    boolean routes = System.getProperty("module").equals("undertow-server");
    options.setHttpAttributes(
        endpoint ->
            routes && endpoint != NOT_FOUND
                ? Set.of(NETWORK_PEER_PORT, HTTP_ROUTE)
                : Set.of(NETWORK_PEER_PORT));
    options.setExpectedHttpRoute(
        (endpoint, method) ->
            hasHttpRouteAttribute(endpoint) ? "/" + endpoint.rawPath() : null);
    options.setHasResponseCustomizer(endpoint -> true);
    options.setUseHttp2(useHttp2());
  }

  boolean useHttp2() {
    return false;
  }

  boolean dispatches() {
    return false;
  }

  @Test
  void anAnswerDoesNotEndTheSpan() {
    hasEvents("sendResponse", "before", "after");
  }

  @Test
  void anExceptionAfterTheAnswerIsRecorded() {
    hasEvents("sendResponseWithException", "after", "exception");
  }

  private void hasEvents(String path, String first, String second) {
    client.get(address.resolve(path).toString()).aggregate().join();
    testing.waitAndAssertTraces(
        trace ->
            trace.hasSpansSatisfyingExactly(
                span ->
                    span.hasNoParent()
                        .hasEventsSatisfyingExactly(
                            event -> event.hasName(first), event -> event.hasName(second))));
  }
}
