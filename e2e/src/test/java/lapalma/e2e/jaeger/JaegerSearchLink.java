package lapalma.e2e.jaeger;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A link to the search page of Jaeger in docs or programs.
 *
 * @param text the link from {@code /search} on
 */
public record JaegerSearchLink(String text) {
  private static final Pattern LINK =
      Pattern.compile("/search\\?service=(?:tags=\\{[^}\\s]*\\}|\\{\\{[^}]*\\}\\}|[^\\s\"`<])*");

  /** Returns every link in a text. */
  public static List<JaegerSearchLink> in(String text) {
    return LINK.matcher(text).results().map(link -> new JaegerSearchLink(link.group())).toList();
  }

  /** Returns whether the link has a time range: pages of Jaeger 2.19 and later need one. */
  public boolean hasTimeRange() {
    Map<String, String> parameters = parameters();
    return parameters.containsKey("lookback")
        || (parameters.containsKey("start") && parameters.containsKey("end"));
  }

  /** Returns the name of the service whose traces the link lists. */
  public String service() {
    return parameters().get("service");
  }

  private Map<String, String> parameters() {
    Map<String, String> parameters = new HashMap<>();
    for (String pair : text.substring(text.indexOf('?') + 1).split("&")) {
      String[] sides = pair.split("=", 2);
      parameters.put(
          sides[0], sides.length == 1 ? "" : URLDecoder.decode(sides[1], StandardCharsets.UTF_8));
    }
    return parameters;
  }
}
