package lapalma.e2e.jaeger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.SharedStack.Stack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Requests what Jaeger's Monitor tab shows, as the tab does. */
@ExtendWith(SharedStack.class)
class MonitorIT {
  /** Flush and scrape take 5 s each, and a rate takes two scrapes. */
  private static final Duration ARRIVES = Duration.ofSeconds(90);

  private final Stack stack;

  MonitorIT(Stack stack) {
    this.stack = stack;
  }

  @Test
  void ratesErrorsAndLatenciesAreThereForEachRoute() {
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              // A rate needs traffic while it is measured.
              stack.dice().get("/");
              stack.dice().get("/");
              stack.dice().get("/fail");
              Map<String, Double> calls = latest("calls");
              Map<String, Double> errors = latest("errors");
              Map<String, Double> latencies = latest("latencies");
              assertThat(calls).containsKeys("GET /", "GET /fail");
              assertThat(calls.get("GET /")).as("calls").isPositive();
              assertThat(calls.get("GET /fail")).as("calls").isPositive();
              // These are shares: every request to /fail fails, and no roll does.
              assertThat(errors.get("GET /fail")).as("errors").isEqualTo(1);
              assertThat(errors.getOrDefault("GET /", 0.0)).as("errors").isZero();
              // The 95th percentile in ms.
              assertThat(latencies.get("GET /")).as("latencies").isBetween(0.1, 5000.0);
              assertThat(latencies.get("GET /fail")).as("latencies").isBetween(0.1, 5000.0);
            });
  }

  @Test
  void theNamesOfTheServicesJobsStayTheirs() throws IOException {
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(
                        stack
                            .prometheus()
                            .api()
                            .query(
                                "count by (job) (traces_span_metrics_calls_total{service_name=\"dice\"})"))
                    .extracting(series -> series.at("/metric/job").asText())
                    .containsExactly("jaeger-spanmetrics"));
  }

  /** Returns the newest value of a metric for each operation of dice that has a number. */
  private Map<String, Double> latest(String metric) throws IOException {
    Map<String, Double> latest = new TreeMap<>();
    for (JsonNode series : stack.jaeger().api().monitor(metric, "dice").path("metrics")) {
      String operation = "";
      for (JsonNode label : series.path("labels")) {
        if (label.path("name").asText().equals("operation")) {
          operation = label.path("value").asText();
        }
      }
      for (JsonNode point : series.path("metricPoints")) {
        double value = point.at("/gaugeValue/doubleValue").asDouble(Double.NaN);
        if (!Double.isNaN(value)) {
          latest.put(operation, value);
        }
      }
    }
    return latest;
  }
}
