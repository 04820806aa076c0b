package lapalma.e2e.compose;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import lapalma.e2e.health.GrafanaFiles;
import lapalma.e2e.health.GrafanaFiles.Query;
import lapalma.e2e.health.RuleSelector;
import lapalma.e2e.health.RulesIT;
import lapalma.e2e.support.Chromium;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.TraceContext;
import lapalma.process.Command;
import lapalma.process.ManagedProcess;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIf;

/** Runs docker-compose.yml without Grafana. */
@Tag("compose")
@EnabledIf(
    value = "lapalma.e2e.compose.ComposeStack#engineAnswers",
    disabledReason = "No Docker engine answers: nothing of docker-compose.yml was run")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ComposeIT {
  private static final Duration ARRIVES = Duration.ofMinutes(2);
  private static final List<String> SERVICES =
      List.of(
          "alertmanager",
          "blackbox-exporter",
          "cadvisor",
          "dice",
          "jaeger",
          "node-exporter",
          "player",
          "prometheus",
          "victorialogs");

  /** Prints the names of the addresses to which it can connect. */
  private static final String CONNECT =
      """
      for named; do
        set -- $named
        (timeout 3 bash -c "exec 3<>$2" 2>/dev/null && echo "$1"; true) &
      done
      wait
      """;

  private static final String FORMER_DATA =
      "The restore failed, and the former data is in use again.";

  private final Path folder = SharedStack.newFolder("compose");

  @AutoClose
  private final ComposeStack stack =
      new ComposeStack(
          folder,
          Map.of(
              "MACHINE_METRICS",
              "/host" + folder,
              "ALERT_WEBHOOK_URL_FILE",
              ComposeStack.secret(
                      folder, "receiver-url", "http://127.0.0.1:9/" + ComposeStack.SECRET)
                  .toString()));

  @BeforeAll
  void start() throws IOException {
    // node-exporter is not root. On a machine, Ansible's roles write these metrics.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(
        folder.resolve("machine.prom"),
        "node_reboot_required 0\nnode_backup_due_time_seconds 4e9\n");
    long start = System.nanoTime();
    stack.compose("--profile", "traffic", "up", "--detach", "--wait", "--wait-timeout", "180");
    System.out.printf(
        "docker compose up: all healthy after %.0f s%n", (System.nanoTime() - start) / 1e9);
  }

  @Test
  void everyServiceIsHealthy() throws IOException {
    assertThat(stack.services()).containsExactlyElementsOf(SERVICES);
    for (String service : SERVICES) {
      JsonNode container = stack.inspect(service);
      assertThat(container.path("RestartCount").asInt()).as(service).isZero();
      if (!service.equals("victorialogs")) {
        // The test of backups stops and starts the stores.
        await()
            .atMost(ARRIVES)
            .untilAsserted(
                () ->
                    assertThat(stack.inspect(service).at("/State/Health/Status").asText())
                        .as(service)
                        .isEqualTo("healthy"));
      }
    }
    // Its image has nothing in it that a health check could run.
    assertThat(Http.get(stack.url("VICTORIALOGS_PORT") + "/health").statusCode()).isEqualTo(200);
  }

  @Test
  void aRollThroughThePublishedPortIsFoundInJaeger() throws IOException {
    var context = TraceContext.random();
    var answer =
        Http.send(
            HttpRequest.newBuilder(URI.create(stack.url("PORT") + "/"))
                .header("traceparent", context.traceparent()));

    assertThat(answer.statusCode()).isEqualTo(200);
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              List<JsonNode> traces = stack.jaeger().trace(context.traceId());
              assertThat(traces).hasSize(1);
              JsonNode trace = traces.get(0);
              assertThat(trace.findValuesAsText("operationName"))
                  .containsExactlyInAnyOrder("GET /", "Dice.roll");
              assertThat(trace.at("/processes").toString()).contains("1.2.3");
            });
  }

  @Test
  void aCallOfThePlayerIsATraceOfBothServices() {
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(stack.jaeger().traces("player", Instant.now().minusSeconds(60)))
                    .anySatisfy(
                        found -> {
                          JsonNode trace = stack.jaeger().trace(found.id()).get(0);
                          assertThat(trace.findValuesAsText("operationName"))
                              .containsExactlyInAnyOrder(
                                  "Player.roll", "GET", "GET /", "Dice.roll");
                          assertThat(trace.findValuesAsText("serviceName"))
                              .containsExactlyInAnyOrder("player", "dice");
                        }));
  }

  @Test
  void thePlayerRollsAndDiceAnswersIt() {
    assertThat(stack.logs("player"))
        .startsWith("Rolling 2 times a second at http://dice:5000")
        .doesNotContain("does not answer");
  }

  @Test
  void eachLinkOfTheFirstPageLeadsToData() throws IOException {
    Http.get(stack.url("PORT") + "/");
    try (var chromium = Chromium.start();
        Page page = chromium.open(stack.url("PROMETHEUS_PORT") + "/consoles/index.html")) {
      assertThat(page.getByText(Pattern.compile("^dice is "))).isVisible();

      // There is no Grafana here.
      chromium.requireDataBehind(page.locator("#links a:not(:text('Dashboards'))"));
    }
  }

  @Test
  void theLogLineOfARollIsFoundByItsTrace() throws IOException {
    var context = TraceContext.random();
    String rolled = context.get(stack.url("PORT") + "/").body();

    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              List<JsonNode> lines = stack.victoriaLogs().trace(context.traceId());
              assertThat(lines).hasSize(1);
              JsonNode line = lines.get(0);
              assertThat(line.path("_msg").asText()).isEqualTo("Dice rolled");
              assertThat(line.path("service.name").asText()).isEqualTo("dice");
              assertThat(rolled).contains(line.path("dice_value").asText("none"));
            });
  }

  @Test
  void whatWasBackedUpIsRestoredAndOnlyWhatCameAfterItIsLost() throws Exception {
    String grafana = stack.name() + "_grafana-data";
    // There is no Grafana here: a file stands for what it writes.
    stack.docker(
        "volume", "create", "--label", "com.docker.compose.project=" + stack.name(), grafana);
    try {
      inVolume(grafana, "echo dashboards >/volume/grafana.db");
      Http.send(
          HttpRequest.newBuilder(URI.create(stack.url("ALERTMANAGER_PORT") + "/api/v2/silences"))
              .header("Content-Type", "application/json")
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      """
                      {"createdBy": "test", "comment": "holidays", "startsAt": "%s", "endsAt": "%s", "matchers":
                       [{"name": "alertname", "value": "None", "isRegex": false, "isEqual": true}]}
                      """
                          .formatted(Instant.now(), Instant.now().plusSeconds(3600)))));
      List<String> before = rolls(50);
      await().atMost(ARRIVES).until(() -> stored(before), new Stored(50, 50)::equals);
      Instant now = Instant.now();
      int samples = samplesUntil(now);
      Path file = folder.resolve("lapalma.tar.gz");

      data("backup", file).orFail();
      inVolume(grafana, "echo none >/volume/grafana.db");
      awaitThatDiceReachesTheStores();
      List<String> after = rolls(50);
      await().atMost(ARRIVES).until(() -> stored(after), new Stored(50, 50)::equals);
      Path damaged = folder.resolve("damaged.tar.gz");
      Files.write(damaged, Arrays.copyOf(Files.readAllBytes(file), 5000));
      assertThat(data("restore", damaged).errors())
          .contains(damaged + " is not a complete backup: nothing was changed.");
      Path empty = archive("empty.tar.gz", "--files-from=/dev/null");
      assertThat(data("restore", empty).errors())
          .isEqualTo(empty + " is not a backup of make compose-backup: nothing was changed.");
      assertThat(data("backup", folder).errors()).isEqualTo(folder + " is a folder: name a file.");
      for (String unreadable :
          List.of("prometheus-data/.backup/wal", "victorialogs-data/.backup/partitions")) {
        Files.createDirectories(folder.resolve(unreadable).getParent());
        Files.writeString(folder.resolve(unreadable), "no folder");
        Path nonsense = archive("nonsense.tar.gz", Path.of(unreadable).getParent().toString());
        assertThat(data("restore", nonsense).errors())
            .contains("A store does not start with the data of " + nonsense)
            .contains(FORMER_DATA);
      }
      interruptWhileItWaits(file);
      await().atMost(ARRIVES).until(() -> stored(after), new Stored(50, 50)::equals);

      data("restore", file).orFail();

      await().atMost(ARRIVES).until(() -> stored(before), new Stored(50, 50)::equals);
      assertThat(stored(after)).isEqualTo(new Stored(0, 0));
      int restored = samplesUntil(now);
      System.out.printf(
          "Restored: 50 of 50 traces and log lines, %d of %d samples; of those after the backup,"
              + " 0%n",
          restored, samples);
      // A scrape may have been stored between the count and the backup.
      assertThat(restored).isGreaterThanOrEqualTo(samples);
      assertThat(Http.get(stack.url("ALERTMANAGER_PORT") + "/api/v2/silences").body())
          .contains("\"comment\":\"holidays\"");
      assertThat(inVolume(grafana, "cat /volume/grafana.db")).contains("dashboards");
    } finally {
      stack.docker("volume", "rm", grafana);
    }
  }

  /**
   * A store has another address once it has started again, and the JVM remembers the former for 30
   * s.
   */
  private void awaitThatDiceReachesTheStores() {
    Instant started = Instant.now();
    List<String> sent = new ArrayList<>();
    await()
        .atMost(ARRIVES)
        .pollInterval(Duration.ofSeconds(1))
        .until(
            () -> {
              sent.addAll(rolls(1));
              List<Stored> stored = new ArrayList<>();
              for (String trace : sent) {
                stored.add(stored(List.of(trace)));
              }
              return stored;
            },
            stored -> stored.contains(new Stored(1, 1)));
    System.out.printf(
        "Backed up: dice reaches the stores again after %d s%n",
        Duration.between(started, Instant.now()).toSeconds());
  }

  /** How many of some traces Jaeger has, and how many of their log lines VictoriaLogs has. */
  private record Stored(int traces, int lines) {}

  private Stored stored(List<String> traces) throws IOException {
    int found = 0;
    int lines = 0;
    try {
      for (String trace : traces) {
        found += stack.jaeger().trace(trace).size();
        lines += stack.victoriaLogs().trace(trace).size();
      }
    } catch (IOException e) {
      return new Stored(-1, -1); // It starts: nothing listens, or the engine's proxy closes.
    }
    return new Stored(found, lines);
  }

  private List<String> rolls(int count) throws IOException {
    List<String> traces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      var context = TraceContext.random();
      assertThat(context.get(stack.url("PORT") + "/").statusCode()).isEqualTo(200);
      traces.add(context.traceId());
    }
    return traces;
  }

  private int samplesUntil(Instant time) throws IOException {
    return stack
        .prometheus()
        .query("count_over_time(up{job=\"dice\"}[1h] @ %d)".formatted(time.getEpochSecond()))
        .get(0)
        .at("/value/1")
        .asInt();
  }

  private Path archive(String name, String files) {
    Path file = folder.resolve(name);
    Command.run(folder, List.of("tar", "-czf", file.toString(), files)).orFail();
    return file;
  }

  /** Runs the command of make compose-backup or make compose-restore. */
  private Command data(String action, Path file) {
    return Command.run(
        SharedStack.project().root(),
        Map.of("COMPOSE_PROJECT_NAME", stack.name()),
        dataLine(action, file));
  }

  private static List<String> dataLine(String action, Path file) {
    return List.of(
        SharedStack.project().root().resolve("tools/compose-data").toString(),
        action,
        file.toString());
  }

  /** Ends a restore while the stores run with the restored data already. */
  private void interruptWhileItWaits(Path file) {
    try (var restore =
        ManagedProcess.start(
            "restore",
            dataLine("restore", file),
            Map.of("COMPOSE_PROJECT_NAME", stack.name()),
            SharedStack.project().root(),
            folder.resolve("restore.log"))) {
      restore.awaitLogged("Waiting until the stores work", ARRIVES);
      restore.terminate();

      assertThat(restore.awaitExit(ARRIVES)).isEqualTo(143);
      assertThat(restore.logText()).endsWith(FORMER_DATA + "\n");
    }
  }

  private String inVolume(String volume, String command) {
    String image = stack.inspect("prometheus").path("Image").asText();
    return stack.docker(
        "run",
        "--rm",
        "--user=0",
        "--entrypoint=sh",
        "--volume=" + volume + ":/volume",
        image,
        "-c",
        command);
  }

  @Test
  void diceStartsSealedForItsImage() {
    assertThat(stack.compose("exec", "-T", "dice", "cat", "/proc/1/maps"))
        .contains("/otel/sealed/cache.aot");
    assertThat(stack.logs("dice"))
        .doesNotContain("[warning][cds", "[warning][aot", "This start is not sealed");
  }

  @Test
  void everyTargetIsUp() {
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              Map<String, String> up = new TreeMap<>();
              for (JsonNode series : stack.prometheus().query("up")) {
                up.put(series.at("/metric/job").asText(), series.at("/value/1").asText());
              }
              assertThat(up)
                  .containsOnlyKeys(
                      "alertmanager",
                      "cadvisor",
                      "dice",
                      "dice-agent",
                      "jaeger",
                      "jaeger-spanmetrics",
                      "node",
                      "probe-grafana",
                      "probe-health",
                      "probe-roll",
                      "prometheus",
                      "victoria-logs");
              assertThat(up.values()).containsOnly("1");
            });
  }

  @Test
  void everySelectorOfARuleThatNeedsContainersMatchesASeries() throws IOException {
    List<RuleSelector> selectors =
        RuleSelector.of(stack.prometheus()).stream()
            .filter(one -> one.isOf(RulesIT.IN_CONTAINERS))
            .toList();
    assertThat(selectors)
        .extracting(RuleSelector::rule)
        .contains("HostDiskFilling", "ContainerRestarting");

    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> assertThat(RuleSelector.withoutSeries(selectors, stack.prometheus())).isEmpty());
  }

  @Test
  void eachContainerIsMeasuredUnderItsName() {
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              Set<String> names = new TreeSet<>();
              String query =
                  "container_memory_working_set_bytes{name=~\"%s-.+\"}".formatted(stack.name());
              for (JsonNode series : stack.prometheus().query(query)) {
                names.add(series.at("/metric/name").asText());
              }
              assertThat(names)
                  .containsExactlyElementsOf(SERVICES.stream().map(stack::container).toList());
            });
  }

  @Test
  void thePanelsOfHostContainersAndAlertmanagerHaveValues() {
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              List<Query> queries = new ArrayList<>();
              for (JsonNode dashboard : GrafanaFiles.dashboards().values()) {
                queries.addAll(GrafanaFiles.panelQueries(dashboard, stack.prometheus()));
              }
              // DashboardsIT proves the others without containers.
              queries.removeIf(
                  query -> !query.promql().matches("(?s).*\\b(node|container|alertmanager)_.*"));
              List<String> empty = new ArrayList<>();
              for (Query query : queries) {
                if (stack.prometheus().query(query.promql()).isEmpty()) {
                  empty.add(query.place() + ": " + query.promql());
                }
              }
              assertThat(queries).hasSizeGreaterThan(17);
              assertThat(empty).isEmpty();
            });
  }

  @Test
  void theAlertsOfTheHostHaveWhatTheyAskFor() throws IOException {
    String rules =
        Files.readString(SharedStack.project().root().resolve("prometheus/rules/alerts.yml"));
    Set<String> series = new TreeSet<>();
    Pattern.compile("\\b(?:node|container)_\\w+(?:\\{[^}]*})?")
        .matcher(rules)
        .results()
        .forEach(match -> series.add(match.group()));
    assertThat(series).hasSizeGreaterThanOrEqualTo(3);
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              for (String one : series) {
                assertThat(stack.prometheus().query(one)).as(one).isNotEmpty();
              }
            });
  }

  @Test
  void theIdleStackFitsInOneAndAHalfGibibytes() {
    // Under two rolls a second, and before much data is stored.
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              Map<String, Double> memory = new TreeMap<>();
              for (JsonNode series :
                  stack
                      .prometheus()
                      .query(
                          "container_memory_working_set_bytes{name=~\"%s-.+\"} / 2^20"
                              .formatted(stack.name()))) {
                memory.put(
                    series.at("/metric/name").asText().replace(stack.name() + "-", ""),
                    series.at("/value/1").asDouble());
              }
              assertThat(memory).hasSize(SERVICES.size());
              double sum = memory.values().stream().mapToDouble(Double::doubleValue).sum();
              System.out.printf("Idle memory, MiB: %s, sum %.0f%n", memory, sum);
              assertThat(sum).isLessThan(1536);
            });
  }

  @Test
  void docsSecuritySaysWhatIs() throws IOException {
    List<String> documented =
        Files.readAllLines(SharedStack.project().root().resolve("docs/security.md"));
    List<String> rows = new ArrayList<>();
    for (String service : SERVICES) {
      rows.add(new ContainerSecurity(stack, service).row());
    }
    assertThat(documented).containsAll(rows);
  }

  @Test
  void diceReachesOnlyWhereItsTelemetryGoesAndWhoScrapesIt() {
    assertThat(
            reached(
                "dice",
                Map.of(
                    "alertmanager", List.of(9093),
                    "blackbox-exporter", List.of(9115),
                    "cadvisor", List.of(8080),
                    "jaeger", List.of(4318, 5778, 16686),
                    "prometheus", List.of(9090),
                    "victorialogs", List.of(9428))))
        .containsExactly(
            "jaeger:16686", "jaeger:4318", "jaeger:5778", "prometheus:9090", "victorialogs:9428");
    assertThat(stack.compose("exec", "-T", "dice", "ls", "/run", "/var/run"))
        .doesNotContain("docker.sock");
  }

  /** Returns the services and ports to which a container can connect, at any of their addresses. */
  private Set<String> reached(String from, Map<String, List<Integer>> ports) {
    List<String> command = new ArrayList<>(List.of("exec", "-T", from, "bash", "-c", CONNECT, "-"));
    ports.forEach(
        (service, ofService) -> {
          for (JsonNode network : stack.inspect(service).at("/NetworkSettings/Networks")) {
            for (int port : ofService) {
              String address = network.path("IPAddress").asText();
              command.add("%s:%d /dev/tcp/%s/%d".formatted(service, port, address, port));
            }
          }
        });
    return new TreeSet<>(stack.compose(command.toArray(String[]::new)).lines().toList());
  }

  @Test
  void noSecretIsInALogOrInWhatTheEngineTells() {
    for (String service : SERVICES) {
      assertThat(stack.inspect(service).toString()).as(service).doesNotContain(ComposeStack.SECRET);
      assertThat(stack.logs(service)).as(service).doesNotContain(ComposeStack.SECRET);
    }
    // It exists all the same.
    assertThat(stack.compose("exec", "-T", "alertmanager", "cat", "/run/secrets/alert-webhook-url"))
        .endsWith(ComposeStack.SECRET);
  }

  @Test
  void logsAreKeptToAFixedSize() {
    for (String service : SERVICES) {
      JsonNode log = stack.inspect(service).at("/HostConfig/LogConfig/Config");
      assertThat(log.path("max-size").asText()).as(service).isEqualTo("10m");
      assertThat(log.path("max-file").asText()).as(service).isEqualTo("3");
    }
  }
}
