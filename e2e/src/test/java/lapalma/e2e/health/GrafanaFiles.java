package lapalma.e2e.health;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lapalma.e2e.support.SharedStack;
import lapalma.stack.api.Http;
import lapalma.stack.api.PrometheusApi;

/** Reads {@code grafana/} as Grafana would, and makes the queries that Grafana would make. */
public final class GrafanaFiles {
  private static final ObjectMapper JSON = new ObjectMapper();
  // For a page over an hour on a wide screen, with scrapes every 5 s.
  private static final Map<String, String> TIMES =
      Map.of(
          "$__rate_interval", "20s",
          "$__interval", "5s",
          "$__range", "1h");

  /** The beginning of a link to Grafana's Explore; the JSON of its panes follows. */
  static final String EXPLORE = "/explore?schemaVersion=1&panes=";

  private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.+), *(\\w+)\\)");

  private GrafanaFiles() {}

  /**
   * A query of a dashboard.
   *
   * @param place the dashboard and the panel, such as {@code health: State}
   * @param promql with all variables filled in
   * @param exemplars whether Grafana asks for exemplars too
   */
  public record Query(String place, String promql, boolean exemplars) {}

  /** Returns every dashboard by the name of its file. */
  public static Map<String, JsonNode> dashboards() {
    Map<String, JsonNode> dashboards = new TreeMap<>();
    Path folder = folder().resolve("dashboards");
    try (var files = Files.newDirectoryStream(folder, "*.json")) {
      for (Path file : files) {
        dashboards.put(file.getFileName().toString(), JSON.readTree(file.toFile()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return dashboards;
  }

  static Path folder() {
    return SharedStack.project().root().resolve("grafana");
  }

  static List<JsonNode> panels(JsonNode dashboard) {
    List<JsonNode> panels = new ArrayList<>();
    dashboard.path("panels").forEach(panels::add);
    return panels;
  }

  static String place(JsonNode dashboard, JsonNode part) {
    String name = part.has("title") ? part.path("title").asText() : part.path("name").asText();
    return dashboard.path("uid").asText() + ": " + name;
  }

  /**
   * Returns the queries of all panels to Prometheus, with the values that {@code prometheus} has
   * for the variables.
   */
  public static List<Query> panelQueries(JsonNode dashboard, PrometheusApi prometheus)
      throws IOException {
    Map<String, String> values = variables(dashboard, prometheus);
    List<Query> queries = new ArrayList<>();
    for (JsonNode panel : panels(dashboard)) {
      for (JsonNode target : panel.path("targets")) {
        if (!target.at("/datasource/type").asText().equals("prometheus")) {
          continue;
        }
        // Grafana takes at least four scrapes.
        String expr = target.path("expr").asText();
        if (target.has("interval")) {
          expr = expr.replace("$__rate_interval", fourTimes(target.path("interval").asText()));
        }
        queries.add(
            new Query(
                place(dashboard, panel), fill(expr, values), target.path("exemplar").asBoolean()));
      }
    }
    return queries;
  }

  /** Returns the links to Explore, with the variables that Grafana fills in. */
  public static List<String> exploreLinks(JsonNode dashboard) {
    return dashboard.findValuesAsText("url").stream()
        .filter(url -> url.startsWith(EXPLORE))
        .toList();
  }

  /**
   * Returns the request that the datasource of Jaeger makes for a link to Explore with one query
   * for traces.
   *
   * @param now the instant that {@code now} means in the link's times
   */
  public static String searchOf(String link, Instant now) throws IOException {
    String panes = URLDecoder.decode(link.substring(EXPLORE.length()), StandardCharsets.UTF_8);
    JsonNode pane = JSON.readTree(panes).elements().next();
    JsonNode query = pane.at("/queries/0");
    if (!query.path("queryType").asText().equals("search")) {
      throw new IllegalStateException("No search for traces: " + panes);
    }
    // Grafana has logfmt, Jaeger has JSON.
    String[] tag = query.path("tags").asText().split("=");
    return "/api/traces?service=%s&limit=%s&tags=%s&start=%d&end=%d"
        .formatted(
            query.path("service").asText(),
            query.path("limit").asText(),
            Http.encode(JSON.writeValueAsString(Map.of(tag[0], tag[1]))),
            microseconds(pane.at("/range/from").asText(), now),
            microseconds(pane.at("/range/to").asText(), now));
  }

  private static long microseconds(String time, Instant now) {
    Matcher ago = Pattern.compile("now(?:-(\\d+[mh]))?").matcher(time);
    if (!ago.matches()) {
      return 1000 * Long.parseLong(time);
    }
    Duration back =
        ago.group(1) == null
            ? Duration.ZERO
            : Duration.parse("PT" + ago.group(1).toUpperCase(Locale.ROOT));
    return 1000 * now.minus(back).toEpochMilli();
  }

  /** Returns the queries of the annotations on all graphs. */
  static List<Query> annotationQueries(JsonNode dashboard, PrometheusApi prometheus)
      throws IOException {
    Map<String, String> values = variables(dashboard, prometheus);
    List<Query> queries = new ArrayList<>();
    for (JsonNode annotation : dashboard.at("/annotations/list")) {
      queries.add(
          new Query(
              place(dashboard, annotation), fill(annotation.path("expr").asText(), values), false));
    }
    return queries;
  }

  /** Returns the text for each variable in a query when all its values are chosen one by one. */
  static Map<String, String> variables(JsonNode dashboard, PrometheusApi prometheus)
      throws IOException {
    Map<String, String> variables = new HashMap<>(TIMES);
    for (JsonNode variable : dashboard.at("/templating/list")) {
      if (variable.path("type").asText().equals("query")) {
        variables.put(
            "$" + variable.path("name").asText(),
            choices(variable, variables, prometheus).stream()
                .map(GrafanaFiles::escape)
                .collect(Collectors.joining("|", "(", ")")));
      }
    }
    return variables;
  }

  /**
   * Returns the values that a variable of a dashboard has, beside "All".
   *
   * @param name without the dollar sign
   */
  static List<String> choices(JsonNode dashboard, String name, PrometheusApi prometheus)
      throws IOException {
    for (JsonNode variable : dashboard.at("/templating/list")) {
      if (variable.path("name").asText().equals(name)) {
        return choices(variable, variables(dashboard, prometheus), prometheus);
      }
    }
    throw new IllegalArgumentException(dashboard.path("uid").asText() + " has no variable " + name);
  }

  /**
   * Returns the values of a variable.
   *
   * @param values the texts for the variables that its query may name
   */
  private static List<String> choices(
      JsonNode variable, Map<String, String> values, PrometheusApi prometheus) throws IOException {
    String query = fill(variable.at("/query/query").asText(), values);
    Matcher parts = LABEL_VALUES.matcher(query);
    if (!parts.matches()) {
      throw new IllegalStateException("No label_values(series, label): " + query);
    }
    String regex = variable.path("regex").asText();
    return prometheus.query("count by (%s) (%s)".formatted(parts.group(2), parts.group(1))).stream()
        .map(series -> series.path("metric").path(parts.group(2)).asText())
        .map(value -> regex.isEmpty() ? value : firstGroup(regex, value))
        .filter(value -> !value.isEmpty())
        .distinct()
        .sorted()
        .toList();
  }

  private static String firstGroup(String regex, String value) {
    Matcher matcher = Pattern.compile(regex.substring(1, regex.length() - 1)).matcher(value);
    return matcher.find() ? matcher.group(1) : "";
  }

  /** Escapes a value as Grafana does between double quotes behind {@code =~}. */
  private static String escape(String value) {
    return value.replaceAll("[$^*{}\\[\\]'+?.()|]", "\\\\\\\\$0");
  }

  private static String fourTimes(String seconds) {
    return 4 * Integer.parseInt(seconds.replaceFirst("s$", "")) + "s";
  }

  private static String fill(String expr, Map<String, String> values) {
    String filled = expr;
    for (var value : values.entrySet()) {
      filled = filled.replace(value.getKey(), value.getValue());
    }
    if (filled.contains("$instance") || filled.contains("${") || filled.contains("$__")) {
      throw new IllegalStateException("Something is left to fill in: " + filled);
    }
    return filled;
  }
}
