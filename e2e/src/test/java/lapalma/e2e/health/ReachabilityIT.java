package lapalma.e2e.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lapalma.e2e.health.AlertReceiver.Notification;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.Load;
import lapalma.e2e.support.SharedStack;
import lapalma.stack.BlackboxExporter;
import lapalma.stack.DiceProcess;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.Prometheus;
import lapalma.stack.Rules;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Asks a running dice from a network of its own, and closes that network's way to it. Clients on
 * this machine go on to roll.
 */
@Tag("health")
@EnabledIf(
    value = "lapalma.e2e.health.OutsideNetwork#canBeMade",
    disabledReason = "Only root can make a network: the way to dice was not closed")
@Execution(ExecutionMode.CONCURRENT)
class ReachabilityIT {
  /** The longest time until the page, as the alert's summary states it. */
  private static final Duration PAGED = Duration.ofSeconds(150);

  private static final Duration SHOWS = Duration.ofMinutes(5);
  private static final String PAGE = "ReachabilityBurnsFast";

  /** Alerts of what this test does without: Jaeger, VictoriaLogs and the machine's exporters. */
  private static final Set<String> ABSENT = Set.of("TargetMissing", "AgentExportFailing");

  private final Project project = SharedStack.project();
  private final Ports ports = FreePorts.forAll();
  private final Path folder = SharedStack.newFolder("reachability");
  @AutoClose private final Closer closer = new Closer();
  private OutsideNetwork outside;
  private Alertmanager alertmanager;
  private Prometheus prometheus;
  private Load load;

  private void start(Rules rules) throws IOException {
    outside = closer.register(new OutsideNetwork());
    alertmanager = closer.register(new Alertmanager(project, folder, rules));
    closer.register(DiceProcess.startAttached(project, ports, folder, Map.of("LOG_LEVEL", "WARN")));
    prometheus =
        closer.register(Prometheus.start(project, ports, folder, alertmanager.target(), rules));
    BlackboxExporter probe =
        closer.register(
            BlackboxExporter.start(
                outside.command(BlackboxExporter.command(project)),
                project,
                outside.inside() + ":" + ports.of(Port.BLACKBOX_EXPORTER),
                folder));
    prometheus.probe(
        probe.address(), "http://%s:%d".formatted(outside.machine(), ports.of(Port.DICE)));
    load = closer.register(Load.start(ports.of(Port.DICE), 2, 100));
    await("probes that count")
        .atMost(SHOWS)
        .untilAsserted(
            () -> {
              assertThat(value("slo:requests:increase1m{slo=\"reachability\"}")).isPositive();
              assertThat(value("slo:error_ratio:rate1h{slo=\"availability\"}")).isZero();
              assertThat(health().states())
                  .containsEntry("state", 0.0)
                  .containsEntry("reachability", 0.0);
              assertThat(firing()).isEmpty();
            });
  }

  @Test
  void aDiceThatNoProbeReachesIsPagedInTheTimeThatTheAlertNames() throws IOException {
    start(Rules.AS_WRITTEN);

    outside.close(ports.of(Port.DICE));

    long closed = System.nanoTime();
    await("a page")
        .atMost(PAGED)
        .untilAsserted(() -> assertThat(notified("firing")).contains(PAGE));
    System.out.printf("%s after %.0f s%n", PAGE, (System.nanoTime() - closed) / 1e9);
    assertThatTheJvmSeesNoFailure();
  }

  /** Time runs twenty times as fast in the rules. */
  @Test
  void aClosedWayBurnsTheBudgetOfReachabilityOnlyUntilItIsOpen() throws IOException {
    start(new Rules(20));

    outside.close(ports.of(Port.DICE));

    await("a page")
        .atMost(SHOWS)
        .untilAsserted(
            () -> {
              assertThat(notified("firing")).contains(PAGE);
              assertThat(health().states())
                  .containsEntry("state", 2.0)
                  .containsEntry("reachability", 2.0);
            });
    assertThatTheJvmSeesNoFailure();
    assertThat(value("slo:error_budget:remaining_ratio{slo=\"reachability\"}")).isNegative();

    outside.open(ports.of(Port.DICE));

    await("an end of it")
        .atMost(SHOWS)
        .untilAsserted(
            () -> {
              assertThat(notified("resolved")).contains(PAGE);
              assertThat(health().states()).containsEntry("state", 0.0);
            });
  }

  /** {@code NoTraffic} counts on it. */
  @Test
  void rollsOfTheProbeAreNotRollsOfClients() throws IOException {
    start(new Rules(20));
    String clientRolls = "service:client_requests:increase5m";
    await("rolls of clients")
        .atMost(SHOWS)
        .untilAsserted(() -> assertThat(value(clientRolls)).isGreaterThan(100));

    load.stop();

    await("an end of them")
        .atMost(SHOWS)
        .untilAsserted(() -> assertThat(value(clientRolls)).isLessThan(5));
    assertThat(value("sum(sum_over_time(probe_success{job=\"probe-roll\"}[15s]))"))
        .as("rolls of the probe meanwhile")
        .isGreaterThan(5);
  }

  private void assertThatTheJvmSeesNoFailure() throws IOException {
    assertThat(notified("firing")).containsOnly(PAGE);
    assertThat(value("slo:error_budget:remaining_ratio{slo=\"availability\"}")).isEqualTo(1);
    assertThat(value("slo:error_ratio:rate5m{slo=\"availability\"}")).isZero();
    assertThat(value("min(up{job=~\"dice|dice-agent\"})")).isEqualTo(1);
    assertThat(load.lost()).isEmpty();
  }

  private List<String> notified(String status) {
    return alertmanager.notifications().stream()
        .filter(told -> told.status().equals(status))
        .map(Notification::name)
        .filter(name -> !ABSENT.contains(name))
        .toList();
  }

  /** Returns the value of the only series of a query, or NaN. */
  private double value(String promql) throws IOException {
    List<JsonNode> series = prometheus.api().query(promql);
    return series.size() == 1 ? series.get(0).at("/value/1").asDouble(Double.NaN) : Double.NaN;
  }

  private HealthQueries health() {
    return new HealthQueries(prometheus.api());
  }

  private List<String> firing() throws IOException {
    return health().firing().stream().filter(name -> !ABSENT.contains(name)).toList();
  }
}
