package lapalma.stack;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * The choice of series that an expression of a rule makes.
 *
 * @param rule the alert or the recorded series
 * @param metric whose series are chosen
 * @param promql the choice, as an instant query of its own
 */
record RuleSelector(String rule, String metric, String promql) {
  /** Values of these labels say how a request or an export ended: only a fault brings some. */
  private static final Set<String> OUTCOMES =
      Set.of("http_response_status_code", "error_type", "alertname", "alertstate");

  /** The selectors of every rule that a Prometheus has loaded. */
  static List<RuleSelector> of(PrometheusApi prometheus) throws IOException {
    List<RuleSelector> selectors = new ArrayList<>();
    for (JsonNode group : prometheus.rules()) {
      for (JsonNode rule : group.path("rules")) {
        // The parsed expression: a tree in which the selectors are those nodes that have matchers.
        JsonNode tree = prometheus.parse(rule.path("query").asText());
        for (JsonNode matchers : tree.findValues("matchers")) {
          selectors.add(of(rule.path("name").asText(), matchers));
        }
      }
    }
    return selectors.stream().distinct().toList();
  }

  private static RuleSelector of(String rule, JsonNode matchers) {
    String promql =
        StreamSupport.stream(matchers.spliterator(), false)
            .filter(matcher -> !OUTCOMES.contains(matcher.path("name").asText()))
            .map(
                matcher ->
                    matcher.path("name").asText()
                        + matcher.path("type").asText()
                        + matcher.path("value"))
            .collect(Collectors.joining(",", "{", "}"));
    String metric =
        StreamSupport.stream(matchers.spliterator(), false)
            .filter(matcher -> matcher.path("name").asText().equals("__name__"))
            .map(matcher -> matcher.path("value").asText())
            .findFirst()
            .orElse("");
    return new RuleSelector(rule, metric, promql);
  }

  /** Whether the metric is one of those that begin so. */
  boolean isOf(Set<String> prefixes) {
    return prefixes.stream().anyMatch(metric::startsWith);
  }

  boolean matchesASeries(PrometheusApi prometheus) throws IOException {
    return !prometheus.query("count(%s)".formatted(promql)).isEmpty();
  }
}
