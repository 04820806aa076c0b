package lapalma.agent.route;

import io.undertow.server.HttpServerExchange;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The routes of handlers behind a path that a {@code PathHandler} has resolved. */
public final class PrefixRoutes {
  /** An app may add paths while it runs. */
  private static final int MOST = 1000;

  private static final Map<String, String> BY_PREFIX = new ConcurrentHashMap<>();

  private PrefixRoutes() {}

  /** Returns the path, followed by a star unless it is the whole path; null if none is resolved. */
  public static @Nullable String of(HttpServerExchange exchange) {
    String prefix = exchange.getResolvedPath();
    if (prefix == null || prefix.isEmpty() || exchange.getRelativePath().isEmpty()) {
      return prefix == null || prefix.isEmpty() ? null : prefix;
    }
    return below(prefix);
  }

  /** Returns the route of all paths below a prefix. */
  public static String below(String prefix) {
    String known = BY_PREFIX.get(prefix);
    if (known != null) {
      return known;
    }
    String route = prefix + "/*";
    if (BY_PREFIX.size() < MOST) {
      BY_PREFIX.put(prefix, route);
    }
    return route;
  }
}
