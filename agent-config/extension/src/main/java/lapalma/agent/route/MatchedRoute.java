package lapalma.agent.route;

import io.opentelemetry.context.Context;
import io.opentelemetry.instrumentation.api.semconv.http.HttpServerRoute;
import io.opentelemetry.instrumentation.api.semconv.http.HttpServerRouteSource;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.PathTemplateMatch;
import org.jspecify.annotations.Nullable;

/** Names the server span and {@code http.route} after the innermost matched template. */
public final class MatchedRoute {
  /** The number of templates that have matched within the first one; not attached if it is 0. */
  private static final AttachmentKey<Integer> NESTED = AttachmentKey.create(Integer.class);

  /**
   * The source that each match claims to have, from the outermost to the innermost match.
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
   * Called for every attachment of every exchange: one that is no match must cost next to nothing.
   *
   * @param previous the value that the key had before, or null
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
  public static @Nullable String of(HttpServerExchange exchange, PathTemplateMatch match) {
    String template = match.getMatchedTemplate();
    return template == null ? null : route(exchange.getResolvedPath(), template);
  }

  /**
   * Returns the whole template: a handler behind a path prefix matches only the rest of the path.
   *
   * @param prefix the part of the path that was resolved before, empty or with a leading slash
   * @param template the template that matched the rest
   */
  static String route(String prefix, String template) {
    if (prefix == null || prefix.isEmpty()) {
      return template;
    }
    return template.equals("/") ? prefix : prefix + template;
  }
}
