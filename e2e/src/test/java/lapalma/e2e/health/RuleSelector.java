package lapalma.e2e.health;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import lapalma.stack.api.PrometheusApi;

/**
 * A vector selector in the expression of a rule.
 *
 * @param rule the name of the alert or of the recorded series
 * @param metric the name of the metric that is selected
 * @param promql the selector as an instant query
 */
public record RuleSelector(String rule, String metric, String promql) {
  /** Labels with values that only a fault brings. The query leaves them out. */
  private static final Set<String> OF_FAULTS =
      Set.of(
          "http_response_status_code", "error_type", "jvm_thread_state", "alertname", "alertstate");

  /** Returns the selectors of every rule that a Prometheus has loaded. */
  public static List<RuleSelector> of(PrometheusApi prometheus) throws IOException {
    List<RuleSelector> selectors = new ArrayList<>();
    for (JsonNode group : prometheus.rules()) {
      for (JsonNode rule : group.path("rules")) {
        // In the tree of the parsed expression, the nodes with matchers are the selectors.
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
            .filter(matcher -> !OF_FAULTS.contains(matcher.path("name").asText()))
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

  /** Returns whether the metric's name has one of these prefixes. */
  public boolean isOf(Set<String> prefixes) {
    return prefixes.stream().anyMatch(metric::startsWith);
  }

  /** Returns the selectors that match no series at all. */
  public static List<RuleSelector> withoutSeries(
      List<RuleSelector> selectors, PrometheusApi prometheus) throws IOException {
    List<RuleSelector> without = new ArrayList<>();
    for (RuleSelector selector : selectors) {
      if (prometheus.query("count(%s)".formatted(selector.promql)).isEmpty()) {
        without.add(selector);
      }
    }
    return without;
  }
}
