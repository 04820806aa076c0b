package lapalma.stack;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A link to the search page of Jaeger, as dashboards, docs and programs have it.
 *
 * @param text from {@code /search} on, with nothing left to fill in
 */
record JaegerSearchLink(String text) {
  private static final Pattern LINK =
      Pattern.compile("/search\\?service=(?:tags=\\{[^}\\s]*\\}|[^\\s\"`<])*");
  private static final Pattern LOOKBACK = Pattern.compile("(\\d+)([mhd])");
  private static final Pattern TAG = Pattern.compile("\"([^\"]+)\":\"([^\"]*)\"");

  /** Every link in a text; what is left to fill in stays as it is. */
  static List<JaegerSearchLink> in(String text) {
    return LINK.matcher(text).results().map(link -> new JaegerSearchLink(link.group())).toList();
  }

  /** Pages of Jaeger 2.19 and later refuse a search without one. */
  boolean hasTimeRange() {
    Map<String, String> parameters = parameters();
    return parameters.containsKey("lookback")
        || parameters.containsKey("start") && parameters.containsKey("end");
  }

  /** Searches for the traces that the page would list. */
  List<FoundTrace> follow(JaegerApi jaeger) throws IOException {
    Map<String, String> parameters = parameters();
    Map<String, String> tags = new HashMap<>();
    TAG.matcher(parameters.getOrDefault("tags", ""))
        .results()
        .forEach(tag -> tags.put(tag.group(1), tag.group(2)));
    Instant to = Instant.now();
    Instant from;
    if (parameters.containsKey("lookback")) {
      from = to.minus(duration(parameters.get("lookback")));
    } else {
      from = ofMicros(parameters.get("start"));
      to = ofMicros(parameters.get("end"));
    }
    return jaeger.traces(parameters.get("service"), from, to, tags);
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

  private static Duration duration(String lookback) {
    var parts = LOOKBACK.matcher(lookback);
    if (!parts.matches()) {
      throw new IllegalArgumentException("No lookback such as 1h: " + lookback);
    }
    long count = Long.parseLong(parts.group(1));
    return switch (parts.group(2)) {
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  private static Instant ofMicros(String micros) {
    return Instant.ofEpochMilli(Long.parseLong(micros) / 1000);
  }
}
