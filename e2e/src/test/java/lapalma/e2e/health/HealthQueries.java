package lapalma.e2e.health;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lapalma.stack.api.PrometheusApi;

/** Asks Prometheus what the rules say about the health of dice. */
record HealthQueries(PrometheusApi prometheus) {
  /** Returns the alerts that fire, without Watchdog, which always fires. */
  List<String> firing() throws IOException {
    return prometheus.query("ALERTS{alertstate=\"firing\", severity!=\"none\"}").stream()
        .map(series -> series.at("/metric/alertname").asText())
        .toList();
  }

  /** Returns the recorded state, and each reason under its name. */
  Map<String, Double> states() throws IOException {
    Map<String, Double> states = new TreeMap<>();
    for (JsonNode series : prometheus.query("{__name__=~\"service:health:.+\"}")) {
      states.put(
          series.path("metric").path("reason").asText("state"), series.at("/value/1").asDouble());
    }
    return states;
  }
}
