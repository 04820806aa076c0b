package lapalma.agent.sampling;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A route such as {@code GET /items/{id}}, matched against a request.
 *
 * <p>The sampling decision is made before the app chooses a route. Therefore this matches as
 * Undertow's handlers do: <code>{id}</code> is any one segment, a last {@code *} is any rest, and
 * slashes at the end do not count.
 */
record RouteTemplate(String method, List<String> segments) {
  private static final String ANY_REST = "*";

  /** Puts the most specific template first among those that match a path. */
  static final Comparator<RouteTemplate> MOST_SPECIFIC_FIRST = RouteTemplate::compare;

  /** Returns the route that {@code operation} names; empty if it is not a method and a path. */
  static Optional<RouteTemplate> of(String operation) {
    int space = operation.indexOf(" /");
    return space < 1
        ? Optional.empty()
        : Optional.of(
            new RouteTemplate(
                operation.substring(0, space), segments(operation.substring(space + 1))));
  }

  private static List<String> segments(String path) {
    return Arrays.stream(path.split("/", -1)).filter(segment -> !segment.isEmpty()).toList();
  }

  /** Called before each request, so it compares the path in place and makes no objects of it. */
  boolean matches(String requestMethod, String path) {
    if (!method.equals(requestMethod)) {
      return false;
    }
    int begin = afterSlashes(path, 0);
    for (int i = 0; i < segments.size(); i++) {
      String segment = segments.get(i);
      if (segment.equals(ANY_REST) && i == segments.size() - 1) {
        return true;
      }
      int slash = path.indexOf('/', begin);
      int end = slash < 0 ? path.length() : slash;
      boolean same = segment.length() == end - begin && path.startsWith(segment, begin);
      if (begin == end || !(isParameter(segment) || same)) {
        return false;
      }
      begin = afterSlashes(path, end);
    }
    return begin == path.length();
  }

  private static int afterSlashes(String path, int from) {
    int at = from;
    while (at < path.length() && path.charAt(at) == '/') {
      at++;
    }
    return at;
  }

  private static boolean isParameter(String segment) {
    return segment.startsWith("{") && segment.endsWith("}");
  }

  private static int compare(RouteTemplate a, RouteTemplate b) {
    for (int i = 0; i < Math.max(a.segments.size(), b.segments.size()); i++) {
      int difference = Integer.compare(a.vagueness(i), b.vagueness(i));
      if (difference != 0) {
        return difference;
      }
    }
    return 0;
  }

  private int vagueness(int i) {
    if (i >= segments.size()) {
      return 0; // the end is as specific as a name
    }
    String segment = segments.get(i);
    return segment.equals(ANY_REST) ? 2 : isParameter(segment) ? 1 : 0;
  }
}
