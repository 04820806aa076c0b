package lapalma.e2e.agent;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.PathTemplateMatch;
import java.util.Map;

/** A plain Undertow app that routes in every way that Undertow offers. */
public final class RoutingApp {
  private RoutingApp() {}

  /** Listens on the given port. Every handler answers with its name. */
  public static void main(String[] args) {
    HttpHandler routing =
        Handlers.routing()
            .get("/items/{id}", answer("item"))
            .get(
                "/nested/*",
                Handlers.routing()
                    .get("/nested/{name}/end", answer("nested"))
                    .setFallbackHandler(notFound()))
            // The inner template is shorter than the outer one.
            .get("/{everything-below-this}/*", Handlers.routing().get("/a/{b}", answer("shorter")))
            .get("/dispatched/{id}", exchange -> exchange.dispatch(answer("dispatched")))
            .get("/mixed/*", Handlers.path().addPrefixPath("/mixed", behindPrefix()))
            .setFallbackHandler(notFound());
    HttpHandler paths =
        Handlers.path(routing)
            .addPrefixPath("/api", behindPrefix())
            .addPrefixPath("/api/deep", Handlers.path().addPrefixPath("/er", behindPrefix()))
            .addPrefixPath(
                "/templates",
                Handlers.pathTemplate().add("/users/{user}/posts/{post}", answer("post")))
            .addPrefixPath("/plain", answer("plain"))
            .addPrefixPath("/odd", RoutingApp::attachesAMatchWithoutATemplate);
    Undertow.builder()
        .addHttpListener(Integer.parseInt(args[0]), "127.0.0.1")
        .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
        .setHandler(paths)
        .build()
        .start();
  }

  private static HttpHandler behindPrefix() {
    return Handlers.routing().get("/x/{id}", answer("prefixed")).get("/", answer("prefix"));
  }

  private static HttpHandler answer(String name) {
    return exchange -> exchange.getResponseSender().send(name);
  }

  private static HttpHandler notFound() {
    return exchange -> {
      exchange.setStatusCode(404);
      exchange.getResponseSender().send("not found");
    };
  }

  private static void attachesAMatchWithoutATemplate(HttpServerExchange exchange) {
    exchange.putAttachment(PathTemplateMatch.ATTACHMENT_KEY, new PathTemplateMatch(null, Map.of()));
    exchange.getResponseSender().send("odd");
  }
}
