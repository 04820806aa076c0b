package lapalma.e2e.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import lapalma.e2e.health.AlertReceiver.Notification;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.Load;
import lapalma.e2e.support.RecordedSpan;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Children;
import lapalma.process.FreePort;
import lapalma.process.ManagedProcess;
import lapalma.stack.DiceProcess;
import lapalma.stack.FaultCommand;
import lapalma.stack.Jaeger;
import lapalma.stack.PlayerProcess;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.Prometheus;
import lapalma.stack.Rules;
import lapalma.stack.VictoriaLogs;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Breaks a running dice. Checks the health states and the notifications for each fault.
 *
 * <p>In the rules of these tests time runs twenty times as fast: 5m is 15 s.
 */
@Tag("health")
@Execution(ExecutionMode.CONCURRENT)
class HealthIT {
  private static final int SPEED = 20;
  private static final Duration SHOWS = Duration.ofMinutes(3);
  private static final Duration RESOLVES = Duration.ofMinutes(5);

  private static final Set<String> LEAD_TO_TRACES = Set.of("ErrorBudgetBurnsFast", "DiceUnfair");

  /** Small, so that the memory fault need not fill a large one. */
  private static final Map<String, String> SMALL_HEAP =
      Map.of("JAVA_TOOL_OPTIONS", "-Xmx96m", "LOG_LEVEL", "ERROR");

  private final Project project = SharedStack.project();
  private final Ports ports = FreePorts.forAll();
  private final Path folder = SharedStack.newFolder("health");
  private final Rules rules = new Rules(SPEED);
  @AutoClose private final Closer closer = new Closer();
  private Jaeger jaeger;
  private VictoriaLogs logs;
  private Alertmanager alertmanager;
  private Prometheus prometheus;
  private DiceProcess dice;
  private Load load;

  @BeforeEach
  void startHealthy() throws IOException {
    jaeger = closer.register(Jaeger.start(project, ports, folder));
    logs = closer.register(VictoriaLogs.start(project, ports, folder));
    alertmanager = closer.register(new Alertmanager(project, folder, rules));
    startDice();
    prometheus =
        closer.register(Prometheus.start(project, ports, folder, alertmanager.target(), rules));
    // More clients than worker threads, a hundred requests a second.
    load = closer.register(Load.start(ports.of(Port.DICE), 20, 200));
    // Closed before the clients, which wait for rolls that hang.
    closer.register(() -> dice.process().kill());
    await("healthy")
        .atMost(SHOWS)
        .untilAsserted(
            () -> {
              assertThat(health().states())
                  .containsEntry("state", 0.0)
                  .containsEntry("latency", 0.0);
              assertThat(health().firing()).isEmpty();
            });
  }

  private void startDice() {
    dice = closer.register(DiceProcess.startAttached(project, ports, folder, SMALL_HEAP));
  }

  @ParameterizedTest
  @CsvSource({
    "errors, ErrorBudgetBurnsFast, errors, 2",
    "slow, ErrorBudgetBurnsFast, latency, 2",
    "loaded, DiceUnfair, fairness, 2",
    "hang, WorkerThreadsSaturated, saturation, 2",
    "memory, HeapNearlyFull, heap, 1",
  })
  void aFaultOfTheRollsIsAlertedNamedAsTheReasonAndResolved(
      String fault, String alert, String reason, double state) throws IOException {
    long start = System.nanoTime();
    ProcessHandle jvm = ProcessHandle.of(dice.process().pid()).orElseThrow();

    FaultCommand.inject(project.root(), jvm, fault);

    awaitNotification("firing", alert);
    System.out.printf(
        "Fault %s: %s after %.0f s (%d times as fast as in the rules)%n",
        fault, alert, (System.nanoTime() - start) / 1e9, SPEED);
    await()
        .atMost(SHOWS)
        .untilAsserted(
            () -> {
              Map<String, Double> states = health().states();
              assertThat(states.get(reason)).isGreaterThanOrEqualTo(state);
              assertThat(states.get("state")).isGreaterThanOrEqualTo(state);
            });
    assertThatItsLinksLeadOn(alert);

    FaultCommand.inject(project.root(), jvm, "none");

    awaitNotification("resolved", alert);
    await()
        .atMost(RESOLVES)
        .untilAsserted(() -> assertThat(health().states()).containsEntry("state", 0.0));
  }

  @Test
  void aDiceThatIsKilledIsMissingUntilItRunsAgain() {
    dice.process().kill();

    awaitNotification("firing", "DiceDown");
    await()
        .atMost(SHOWS)
        .untilAsserted(
            () ->
                assertThat(health().states())
                    .containsEntry("down", 2.0)
                    .containsEntry("state", 2.0));

    startDice();

    awaitNotification("resolved", "DiceDown");
    await()
        .atMost(RESOLVES)
        .untilAsserted(() -> assertThat(health().states()).containsEntry("state", 0.0));
    // Each alert names its stack, and has no label that is for the dashboards only.
    assertThat(alertmanager.notifications())
        .filteredOn(told -> told.name().equals("DiceDown"))
        .extracting(Notification::labels)
        .containsOnly(downIn("dice"), downIn("dice-agent"));
  }

  private static Map<String, String> downIn(String job) {
    return Map.of(
        "job", job,
        "service", "dice",
        "team", "ops",
        "severity", "page",
        "stack", "lapalma",
        "environment", "local",
        "region", "local");
  }

  /** Its five lines are in objectives.yml. One more says that a route counts which always fails. */
  @Test
  void aSecondServiceOfFiveLinesPagesUnderItsName() throws IOException {
    int metrics = FreePort.find();
    int port = FreePort.find();
    ManagedProcess shop = closer.register(startShop(port, metrics));
    Path config = folder.resolve("prometheus-config");
    Path scrape = config.resolve("scrape.yml");
    Path targets = config.resolve("targets/services.yml");
    String ofThisMachine = project.root().resolve("prometheus/targets/services.yml").toString();
    Files.writeString(scrape, Files.readString(scrape).replace(ofThisMachine, targets.toString()));
    Files.writeString(
        targets, "- { targets: [\"127.0.0.1:%d\"], labels: { service: shop } }".formatted(metrics));
    Files.writeString(
        config.resolve("rules/objectives.yml"),
        "      - { record: service:route, labels: { service: shop, http_route: /fail }, expr: vector(1) }\n",
        StandardOpenOption.APPEND);
    Children.signal("HUP", ProcessHandle.of(prometheus.process().pid()).orElseThrow());
    String url = "http://127.0.0.1:" + port;
    shop.awaitLogged("Started Shop", SHOWS);

    await("the page of shop")
        .atMost(SHOWS)
        .untilAsserted(
            () -> {
              Http.get(url + "/fail");
              assertThat(alertmanager.notifications())
                  .as("firing %s", health().firing())
                  .extracting(Notification::name, told -> told.labels().get("service"))
                  .contains(tuple("ErrorBudgetBurnsFast", "shop"));
            });

    assertThatItsLinksLeadOn("ErrorBudgetBurnsFast");
    for (JsonNode dashboard : GrafanaFiles.dashboards().values()) {
      if (dashboard.at("/templating/list").findValuesAsText("name").contains("service")) {
        assertThat(GrafanaFiles.choices(dashboard, "service", prometheus.api())).contains("shop");
      }
    }
    assertThat(prometheus.api().query("service:health:state == 2"))
        .singleElement()
        .satisfies(state -> assertThat(state.at("/metric/service").asText()).isEqualTo("shop"));
    assertThatOneTraceHasPlayerShopDatabaseAndDice(url);
  }

  private void assertThatOneTraceHasPlayerShopDatabaseAndDice(String shop) {
    closer.register(
        PlayerProcess.start(project.root(), ports, folder, Map.of("PLAYER_TARGET", shop)));
    await("traces of the player")
        .atMost(SHOWS)
        .untilAsserted(
            () ->
                assertThat(jaeger.api().traceIds("shop", "db.system", "h2"))
                    .anySatisfy(
                        id ->
                            assertThat(RecordedSpan.ofTrace(jaeger, id))
                                .extracting(span -> span.resource().get("service.name"))
                                .contains("player", "shop", "dice")));
  }

  private ManagedProcess startShop(int port, int metrics) {
    return ManagedProcess.start(
        "shop",
        List.of(
            Project.java(),
            "-javaagent:" + project.attach().resolveSibling("lapalma-agent.jar"),
            "-jar",
            project.root().resolve("compare/apps/shop/target/shop-tomcat.jar").toString()),
        Map.of(
            "PORT",
            String.valueOf(port),
            "TARGET",
            ports.url(Port.DICE) + "/",
            "OTEL_SERVICE_NAME",
            "shop",
            "OTEL_METRICS_EXPORTER",
            "prometheus",
            "OTEL_EXPORTER_PROMETHEUS_PORT",
            String.valueOf(metrics),
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            ports.url(Port.OTLP) + "/v1/traces",
            "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
            logs.url() + "/insert/opentelemetry/v1/logs"),
        folder,
        folder.resolve("shop.log"));
  }

  @Test
  void whileAlertingWorksTheDeadMansSwitchIsCalledAndNobodyElse() {
    await("a call again and again")
        .atMost(SHOWS)
        .untilAsserted(
            () ->
                assertThat(alertmanager.deadMansSwitch().notifications())
                    .hasSizeGreaterThanOrEqualTo(3)
                    .extracting(Notification::status, Notification::name)
                    .containsOnly(tuple("firing", "Watchdog")));

    assertThat(alertmanager.notifications()).isEmpty();
  }

  @Test
  void withoutAlertmanagerPrometheusSaysSoAndTheDeadMansSwitchIsCalledNoMore() throws IOException {
    alertmanager.kill();

    int calls = alertmanager.deadMansSwitch().notifications().size();
    await("Prometheus' own alert")
        .atMost(SHOWS)
        .untilAsserted(() -> assertThat(health().firing()).contains("AlertmanagerUnreachable"));
    assertThat(alertmanager.deadMansSwitch().notifications()).hasSize(calls);
  }

  @ParameterizedTest
  @ValueSource(strings = {"spans", "log lines"})
  void withoutTheirStoreDiceIsHealthyAndOneTicketTellsOfTheOutage(String signal)
      throws IOException {
    ManagedProcess store = signal.equals("spans") ? jaeger.process() : logs.process();
    store.kill();

    awaitNotification("firing", "TargetMissing");
    await()
        .atMost(SHOWS)
        .untilAsserted(
            () -> {
              // It is logged and not counted among the failures.
              dice.get("/fail");
              assertThat(
                      prometheus
                          .api()
                          .query("ALERTS{alertname=\"AgentExportFailing\",alertstate=\"firing\"}"))
                  .extracting(alert -> alert.at("/metric/signal").asText())
                  .contains(signal);
            });
    assertThat(health().states()).containsEntry("state", 0.0);
    assertThat(alertmanager.notifications())
        .extracting(Notification::name)
        .containsOnly("TargetMissing");
    assertThat(load.lost()).isEmpty();
  }

  /** Follows the links of an alert to Jaeger and to VictoriaLogs, where it has any. */
  private void assertThatItsLinksLeadOn(String alert) throws IOException {
    Map<String, String> annotations =
        alertmanager.alertsNamed(alert).get(0).path("annotations").properties().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, link -> link.getValue().asText()));
    assertThat(Http.get(annotations.get("runbook_url")).body()).contains("<title>");
    String traces = annotations.getOrDefault("traces_url", "");
    if (!traces.isEmpty()) {
      String search = jaeger.url() + "/search?";
      assertThat(traces).startsWith(search);
      Instant now = Instant.now();
      // The API wants the times in microseconds that the page makes of lookback.
      String times =
          "&start=%d000&end=%d000"
              .formatted(now.minus(Duration.ofHours(1)).toEpochMilli(), now.toEpochMilli());
      JsonNode found =
          Http.json(
              jaeger.url()
                  + "/api/traces?"
                  + traces.substring(search.length()).replace("&lookback=1h", times));
      assertThat(found.path("data")).as(traces).isNotEmpty();
    }
    String lines = annotations.getOrDefault("logs_url", "");
    if (!lines.isEmpty()) {
      String page = logs.url() + "/select/vmui/#/?query=";
      assertThat(lines).startsWith(page);
      String query = URLDecoder.decode(lines.substring(page.length()), StandardCharsets.UTF_8);
      assertThat(logs.api().query(query)).as(query).isNotEmpty();
    }
    assertThat(annotations.containsKey("traces_url"))
        .as(alert + " leads to traces")
        .isEqualTo(LEAD_TO_TRACES.contains(alert));
  }

  private void awaitNotification(String status, String alert) {
    await(alert + " " + status)
        .atMost(status.equals("firing") ? SHOWS : RESOLVES)
        .untilAsserted(
            () ->
                assertThat(alertmanager.notifications())
                    .as("states %s, firing %s", health().states(), health().firing())
                    .extracting(Notification::status, Notification::name)
                    .contains(tuple(status, alert)));
  }

  private HealthQueries health() {
    return new HealthQueries(prometheus.api());
  }
}
