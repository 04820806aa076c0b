package lapalma.agent.route;

import io.undertow.Handlers;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RoutingHandler;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.util.PathTemplateMatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;

/** An app that routes in every way that Undertow offers, and the route that each path must give. */
public final class Routes {
  /** In place of a route where there must be none. */
  static final String NONE = "";

  private Routes() {}

  public static Map<String, String> all() {
    Map<String, String> routes = new LinkedHashMap<>(matched());
    routes.putAll(dispatched());
    routes.putAll(unmatched());
    return routes;
  }

  static Map<String, String> matched() {
    Map<String, String> routes = new LinkedHashMap<>();
    routes.put("/items/4711", "/items/{id}");
    routes.put("/nested/a-name/end", "/nested/{name}/end");
    routes.put("/nested/a-name/other", "/nested/*");
    routes.put("/a/4711", "/a/{b}");
    routes.put("/mixed/x/4711", "/mixed/x/{id}");
    routes.put("/api/x/4711", "/api/x/{id}");
    routes.put("/api", "/api");
    routes.put("/api/deep/er/x/4711", "/api/deep/er/x/{id}");
    routes.put("/templates/users/me/posts/4711", "/templates/users/{user}/posts/{post}");
    routes.put("/four/1/2/3", "/four/{a}/{b}/{c}");
    routes.put("/five/4711", "/five/{of-all-the-longest}");
    routes.put("/refused/4711", "/refused/{id}");
    return routes;
  }

  /** Those that leave the thread on which they arrived, before or after the match. */
  static Map<String, String> dispatched() {
    Map<String, String> routes = new LinkedHashMap<>();
    routes.put("/dispatched/4711", "/dispatched/{id}");
    routes.put("/worker/x/4711", "/worker/x/{id}");
    routes.put("/again/x/4711", "/again/x/{id}");
    routes.put("/blocking/x/4711", "/blocking/x/{id}");
    routes.put("/runnable/x/4711", "/runnable/x/{id}");
    routes.put("/executor/x/4711", "/executor/x/{id}");
    routes.put("/half/4711/end", "/half/{id}/end");
    return routes;
  }

  static Map<String, String> unmatched() {
    Map<String, String> routes = new LinkedHashMap<>();
    routes.put("/plain/4711", NONE);
    routes.put("/odd", NONE);
    routes.put("/nothing", NONE);
    return routes;
  }

  /** Answers each path of {@link #all}; the executor is the app's own. */
  public static HttpHandler handler(Executor executor) {
    return Handlers.path(routing())
        .addPrefixPath("/api", behindPrefix())
        .addPrefixPath("/api/deep", Handlers.path().addPrefixPath("/er", behindPrefix()))
        .addPrefixPath(
            "/templates", Handlers.pathTemplate().add("/users/{user}/posts/{post}", answer()))
        .addPrefixPath("/plain", answer())
        .addPrefixPath("/odd", Routes::attachesAMatchWithoutATemplate)
        .addPrefixPath("/worker", exchange -> exchange.dispatch(behindPrefix()))
        .addPrefixPath(
            "/again", exchange -> exchange.dispatch(again -> again.dispatch(behindPrefix())))
        .addPrefixPath("/blocking", new BlockingHandler(behindPrefix()))
        .addPrefixPath(
            "/runnable", exchange -> exchange.dispatch(() -> handle(behindPrefix(), exchange)))
        .addPrefixPath("/executor", exchange -> exchange.dispatch(executor, behindPrefix()));
  }

  private static RoutingHandler routing() {
    return Handlers.routing()
        .get("/items/{id}", answer())
        .get(
            "/nested/*",
            Handlers.routing().get("/nested/{name}/end", answer()).setFallbackHandler(notFound()))
        // The inner template is shorter than the outer one.
        .get("/{everything-below-this}/*", Handlers.routing().get("/a/{b}", answer()))
        .get("/dispatched/{id}", exchange -> exchange.dispatch(answer()))
        .get("/mixed/*", Handlers.path().addPrefixPath("/mixed", behindPrefix()))
        .get("/four/*", within("/four/{a}/*", within("/four/{a}/{b}/*", four())))
        .get("/five/*", within("/five/{a}", within("/five/{b}", five())))
        .get("/refused/{id}", exchange -> false, answer())
        .get("/half/*", exchange -> exchange.dispatch(within("/half/{id}/end", answer())))
        .setFallbackHandler(notFound());
  }

  private static HttpHandler four() {
    return within("/four/{a}/{b}/{c}", answer());
  }

  private static HttpHandler five() {
    return within("/five/{of-all-the-longest}", within("/five/{c}", answer()));
  }

  private static HttpHandler within(String template, HttpHandler handler) {
    return Handlers.routing().get(template, handler);
  }

  private static HttpHandler behindPrefix() {
    return Handlers.routing().get("/x/{id}", answer()).get("/", answer());
  }

  private static HttpHandler answer() {
    return exchange -> exchange.getResponseSender().send("answer");
  }

  private static HttpHandler notFound() {
    return exchange -> {
      exchange.setStatusCode(404);
      exchange.getResponseSender().send("not found");
    };
  }

  private static void handle(HttpHandler handler, HttpServerExchange exchange) {
    try {
      handler.handleRequest(exchange);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void attachesAMatchWithoutATemplate(HttpServerExchange exchange) {
    exchange.putAttachment(PathTemplateMatch.ATTACHMENT_KEY, new PathTemplateMatch(null, Map.of()));
    exchange.getResponseSender().send("odd");
  }
}
