package lapalma.agent.route;

import io.opentelemetry.context.Context;
import io.opentelemetry.instrumentation.api.semconv.http.HttpServerRoute;
import io.opentelemetry.instrumentation.api.semconv.http.HttpServerRouteSource;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.PathTemplateMatch;

/** Names the server span and {@code http.route} after the innermost matched template. */
public final class MatchedRoute {
  /** How many templates have matched within the first; not attached where none has. */
  private static final AttachmentKey<Integer> NESTED = AttachmentKey.create(Integer.class);

  /**
   * What each match, from the outermost to the innermost, is given out as.
   *
   * <p>{@link HttpServerRoute} lets a later route replace an earlier one only if its source ranks
   * higher. From the fourth match on, the longest template wins.
   */
  private static final HttpServerRouteSource[] RANKS = {
    HttpServerRouteSource.SERVER_FILTER,
    HttpServerRouteSource.SERVER,
    HttpServerRouteSource.CONTROLLER,
    HttpServerRouteSource.NESTED_CONTROLLER
  };

  private MatchedRoute() {}

  /**
   * Called for every attachment of every exchange: what is not a match must cost next to nothing.
   *
   * @param previous what was attached by that key before, or null
   */
  public static void attached(
      Object attachable, AttachmentKey<?> key, Object value, Object previous) {
    if (key == PathTemplateMatch.ATTACHMENT_KEY
        && attachable instanceof HttpServerExchange exchange
        && value instanceof PathTemplateMatch match) {
      String route = of(exchange, match);
      if (route != null) {
        matched(route, previous == null ? 0 : nested(exchange));
      }
    }
  }

  private static int nested(HttpServerExchange exchange) {
    Integer before = exchange.getAttachment(NESTED);
    int nested = before == null ? 1 : before + 1;
    exchange.putAttachment(NESTED, nested);
    return nested;
  }

  private static void matched(String route, int depth) {
    HttpServerRoute.update(Context.current(), RANKS[Math.min(depth, RANKS.length - 1)], route);
  }

  /** Returns the route of a match, or null for a match without a template. */
  public static String of(HttpServerExchange exchange, PathTemplateMatch match) {
    String template = match.getMatchedTemplate();
    return template == null ? null : route(exchange.getResolvedPath(), template);
  }

  /**
   * The whole template: a handler behind a path prefix matches only what the prefix leaves over.
   *
   * @param prefix the part of the path that was resolved before, empty or with a leading slash
   * @param template what matched the rest
   */
  static String route(String prefix, String template) {
    if (prefix == null || prefix.isEmpty()) {
      return template;
    }
    return template.equals("/") ? prefix : prefix + template;
  }
}
