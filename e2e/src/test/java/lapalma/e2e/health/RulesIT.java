package lapalma.e2e.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.SharedStack.Stack;
import lapalma.e2e.support.SpanSender;
import lapalma.process.FreePort;
import lapalma.stack.Jaeger;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.api.Exposition;
import lapalma.stack.api.PrometheusApi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Checks the rules against the series of the real parts, in the versions that run here. */
@ExtendWith(SharedStack.class)
public class RulesIT {
  /** A probe counts from the minute after its first answer. */
  private static final Duration ARRIVES = Duration.ofMinutes(4);

  /** Fairness is judged from 600 rolls on. */
  private static final int ROLLS = 800;

  /** Metrics of parts that run only in containers, or of a Prometheus with an Alertmanager. */
  public static final Set<String> IN_CONTAINERS =
      Set.of("node_", "container_", "alertmanager_", "prometheus_notifications_");

  /** Jaeger 2.20 has this metric from the first failure on. */
  private static final String SPANS_NOT_STORED = "otelcol_exporter_send_failed_spans_total";

  /**
   * Jobs whose targets are elsewhere: those that EC2's API discovers, Grafana, and other services.
   */
  private static final List<String> ELSEWHERE =
      List.of(
          "job=\"node-discovery\"",
          "job=\"probe-grafana\"",
          "service!=\"dice\"",
          "service!~\"|dice\"");

  /**
   * Series that exist only while an alert fires or a budget burns, where there is TLS, or on AWS.
   */
  private static final Set<String> NOT_NOW =
      Set.of(
          "ALERTS",
          "instance:agent_drops:rate5m",
          "instance:agent_export:stalled",
          "job:up:too_few",
          "slo:error_ratio:fast_burn",
          "slo:error_ratio:slow_burn",
          "probe_ssl_earliest_cert_expiry",
          "prometheus_sd_refresh_failures_total");

  /** Metrics of Thanos, which runs only with compose/scale.yml. */
  private static final String OF_THANOS = "thanos_";

  private final Stack stack;

  RulesIT(Stack stack) {
    this.stack = stack;
  }

  /** A rule whose metric has another name in the version that runs stays silent for ever. */
  @Test
  void everySelectorOfARuleMatchesASeries() throws IOException {
    PrometheusApi prometheus = stack.prometheus().api();
    List<RuleSelector> selectors =
        RuleSelector.of(prometheus).stream()
            .filter(one -> !one.isOf(IN_CONTAINERS))
            .filter(one -> ELSEWHERE.stream().noneMatch(one.promql()::contains))
            .filter(one -> !NOT_NOW.contains(one.metric()))
            .filter(one -> !one.metric().equals(SPANS_NOT_STORED))
            .filter(one -> !one.metric().startsWith(OF_THANOS))
            .toList();
    assertThat(selectors).extracting(RuleSelector::rule).contains("JaegerLosesSpans");
    for (int i = 0; i < ROLLS; i++) {
      stack.dice().get("/");
    }

    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              stack.dice().get("/");
              assertThat(RuleSelector.withoutSeries(selectors, prometheus)).isEmpty();
            });
  }

  @Test
  void spansThatJaegerCannotStoreAreCountedUnderTheNameOfTheRule() throws IOException {
    Path folder = SharedStack.newFolder("spans-not-stored");
    Ports ports = FreePorts.forAll();
    Path nowhere =
        Files.writeString(
            folder.resolve("nowhere.yaml"),
            """
            service: { pipelines: { traces: { exporters: [spanmetrics, otlphttp] } } }
            exporters:
              otlphttp:
                endpoint: http://127.0.0.1:%d
                retry_on_failure: { enabled: false }
            """
                .formatted(FreePort.find()));
    assertThat(RuleSelector.of(stack.prometheus().api()))
        .extracting(RuleSelector::metric)
        .contains(SPANS_NOT_STORED);
    try (Jaeger jaeger =
        Jaeger.start(SharedStack.project(), ports, folder, Map.of(), nowhere.toString())) {
      new SpanSender("nowhere").send(jaeger, SpanSender.traces(1, 3));

      await()
          .atMost(ARRIVES)
          .untilAsserted(
              () ->
                  assertThat(Exposition.sum(ports.url(Port.JAEGER_METRICS), SPANS_NOT_STORED))
                      .isEqualTo(3));
    }
  }
}
