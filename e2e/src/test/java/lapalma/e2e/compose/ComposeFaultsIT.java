package lapalma.e2e.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import lapalma.e2e.health.AlertReceiver;
import lapalma.e2e.health.Alertmanager;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.Load;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Command;
import lapalma.stack.Project;
import lapalma.stack.Rules;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Breaks running containers under requests, and measures what each fault costs: docs/reliability.md
 * has the promises.
 *
 * <p>In the rules time runs six times as fast: 15m is 150 s. Every test leaves the stack healthy.
 */
@Tag("compose")
@EnabledIf(
    value = "lapalma.e2e.compose.ComposeStack#engineAnswers",
    disabledReason = "No Docker engine answers: no container was broken")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ComposeFaultsIT {
  private static final Duration RECOVERS = Duration.ofMinutes(3);
  private static final Duration FIRES = Duration.ofMinutes(6);
  private static final Duration OUTAGE = Duration.ofSeconds(60);

  private final Project project = SharedStack.project();
  private final Path folder = SharedStack.newFolder("compose-faults");
  private Path receiverUrl;
  @AutoClose private final Closer closer = new Closer();
  private ComposeStack stack;
  private AlertReceiver receiver;

  @BeforeAll
  void start() throws IOException {
    // node-exporter runs as nobody, so it sees only a disk that every user may enter.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    var rules = new Rules(6);
    Path config = folder.resolve("prometheus");
    rules.copy(project.root().resolve("prometheus/rules"), config.resolve("rules"));
    Rules.AS_WRITTEN.copy(project.root().resolve("prometheus/targets"), config.resolve("targets"));
    Rules.AS_WRITTEN.copyFile(
        project.root().resolve("prometheus/scrape.yml"), config.resolve("scrape.yml"));
    // Scraped as usual: an answer may take a second on a busy machine.
    Files.writeString(
        config.resolve("prometheus.yml"),
        Files.readString(project.root().resolve("prometheus/prometheus.yml"))
            .replace("evaluation_interval: 15s", "evaluation_interval: 1s"));
    rules.copyFile(
        project.root().resolve("prometheus/alertmanager/alertmanager.yml"),
        folder.resolve("alertmanager.yml"));
    Alertmanager.nameReceivers(
        folder.resolve("alertmanager.yml"),
        """
            webhook_configs:
              - url_file: /run/secrets/alert-webhook-url
          - name: dead-mans-switch
        """);
    receiverUrl = Files.writeString(folder.resolve("receiver-url"), "");
    makeDisk("jaeger-disk", "10001");
    makeDisk("prometheus-disk", "65534");
    stack =
        closer.register(
            new ComposeStack(
                folder,
                Map.of(
                    "PROMETHEUS_CONFIG", config.toString(),
                    "ALERTMANAGER_CONFIG", folder.resolve("alertmanager.yml").toString(),
                    "JAEGER_DISK", folder.resolve("jaeger-disk").toString(),
                    "PROMETHEUS_DISK", folder.resolve("prometheus-disk").toString(),
                    "ALERT_WEBHOOK_URL_FILE", receiverUrl.toString()),
                "e2e/compose/faults.yml"));
    stack.up();
    receiver = closer.register(new AlertReceiver(InetAddress.getByName(stack.address())));
    // Written in place, as the container mounts the file itself.
    Files.writeString(
        receiverUrl,
        "http://%s:%d/".formatted(stack.address(), receiver.port()),
        StandardOpenOption.TRUNCATE_EXISTING);
  }

  @Test
  void withoutJaegerForAMinuteNoRequestFailsAndWhatIsLostIsCounted() throws Exception {
    Instant start = Instant.now();
    double lostBefore = lostSpans();
    List<String> answered;
    List<String> failed;
    String latency;
    try (Load load = Load.start(stack.port("PORT"), 5, 250)) {
      awaitAnswers(load, 200);
      stack.compose("stop", "--timeout", "10", "jaeger");
      Instant stopped = Instant.now();
      awaitUntil(stopped.plus(OUTAGE));
      latency = latency("before", start, stopped) + latency("during", stopped, Instant.now());
      stack.compose("start", "jaeger");
      awaitHealthy("jaeger");
      awaitAnswers(load, load.answered().size() + 200);
      load.stop();
      answered = load.answered();
      failed = load.lost();
    }

    assertThat(failed).isEmpty();
    // Spans arrive again, and every lost span is counted.
    List<String> missing =
        await()
            .atMost(RECOVERS)
            .until(
                () -> missing(answered),
                unseen ->
                    !unseen.contains(answered.get(answered.size() - 1))
                        && 2 * unseen.size() <= lost(lostBefore));
    System.out.printf(
        "Jaeger stopped for %d s: %d requests, 0 failed, %d traces missing, %.0f spans counted as lost;%s%n",
        OUTAGE.toSeconds(), answered.size(), missing.size(), lost(lostBefore), latency);
    assertThat(missing).hasSizeLessThan(answered.size());
  }

  @Test
  void tracesOutliveAJaegerThatIsKilled() throws Exception {
    List<String> stored = rollAHundredTimes();
    await().atMost(RECOVERS).until(() -> missing(stored).isEmpty());

    killAndAwaitTheNext("jaeger");

    awaitHealthy("jaeger");
    List<String> missing = missing(stored);
    System.out.printf(
        "Jaeger killed: %d of %d traces that were there are missing%n",
        missing.size(), stored.size());
    assertThat(missing).isEmpty();
  }

  @Test
  void withoutVictoriaLogsForAMinuteNoRequestFailsAndWhatIsLostIsCounted() throws Exception {
    double lostBefore = lostLines();
    List<String> answered;
    List<String> failed;
    try (Load load = Load.start(stack.port("PORT"), 5, 250)) {
      awaitAnswers(load, 200);
      stack.compose("stop", "--timeout", "10", "victorialogs");
      awaitUntil(Instant.now().plus(OUTAGE));
      stack.compose("start", "victorialogs");
      awaitAnswers(load, load.answered().size() + 200);
      load.stop();
      answered = load.answered();
      failed = load.lost();
    }

    assertThat(failed).isEmpty();
    // Lines arrive again, and every lost line is counted: each request logs one.
    List<String> missing =
        await()
            .atMost(RECOVERS)
            .until(
                () -> withoutLine(answered),
                unseen ->
                    !unseen.contains(answered.get(answered.size() - 1))
                        && unseen.size() <= lostLines() - lostBefore);
    System.out.printf(
        "VictoriaLogs stopped for %d s: %d requests, 0 failed, %d lines missing, %.0f counted as lost%n",
        OUTAGE.toSeconds(), answered.size(), missing.size(), lostLines() - lostBefore);
    assertThat(missing).hasSizeLessThan(answered.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"restarted", "made anew", "killed"})
  void logLinesOutliveAVictoriaLogsThatIs(String fate) throws Exception {
    List<String> stored = rollAHundredTimes();
    await().atMost(RECOVERS).until(() -> withoutLine(stored).isEmpty());

    switch (fate) {
      case "restarted" -> stack.compose("restart", "victorialogs");
      case "made anew" ->
          stack.compose("up", "--detach", "--force-recreate", "--no-deps", "victorialogs");
      default -> {
        // What it holds in memory would be lost: it writes that every 5 s.
        await().atMost(RECOVERS).until(this::victoriaLogsHasWrittenAll);
        killAndAwaitTheNext("victorialogs");
      }
    }

    List<String> missing =
        await()
            .atMost(RECOVERS)
            .ignoreExceptionsInstanceOf(IOException.class)
            .until(() -> withoutLine(stored), unseen -> true);
    System.out.printf(
        "VictoriaLogs %s: %d of %d lines that were there are missing%n",
        fate, missing.size(), stored.size());
    assertThat(missing).isEmpty();
  }

  @Test
  void aPrometheusThatRestartsHasAGapNoLongerThanItsOutage() throws Exception {
    await()
        .atMost(RECOVERS)
        .until(() -> scrapes(Instant.now().minusSeconds(30), Instant.now()).size() > 4);
    Instant stopped = Instant.now();
    stack.compose("restart", "prometheus");
    awaitHealthy("prometheus");
    Instant ready = Instant.now();
    await().atMost(RECOVERS).until(() -> scrapes(ready, Instant.now()).size() > 2);

    List<Double> scrapes = scrapes(stopped.minusSeconds(30), Instant.now());
    double gap = 0;
    for (int i = 1; i < scrapes.size(); i++) {
      gap = Math.max(gap, scrapes.get(i) - scrapes.get(i - 1));
    }
    double outage = Duration.between(stopped, ready).toMillis() / 1000.0;
    System.out.printf("Prometheus restarted: away %.1f s, gap %.1f s%n", outage, gap);
    // Prometheus scrapes every 5 s, at a moment that it chooses.
    assertThat(gap).isLessThan(outage + 10).isGreaterThan(1);
  }

  @Test
  void aDiceThatDiesStartsAnewAndItsRestartsAreAlertedAndResolved() throws Exception {
    for (int i = 1; i <= 2; i++) {
      Instant killed = Instant.now();
      killAndAwaitTheNext("dice");
      awaitHealthy("dice");
      System.out.printf(
          "dice killed: answers again after %.1f s%n",
          Duration.between(killed, Instant.now()).toMillis() / 1000.0);
    }

    for (String status : List.of("firing", "resolved")) {
      awaitNotification(status, "ContainerRestarting", "name", stack.container("dice"));
    }
  }

  @ParameterizedTest
  @CsvSource({"jaeger, prometheus", "prometheus, jaeger"})
  void aFullDiskOfOneStopsNeitherDiceNorTheOtherAndIsAlertedAndResolved(String full, String other)
      throws Exception {
    Path disk = folder.resolve(full + "-disk");
    String before = awaitStoredRoll();
    Instant start = Instant.now();
    long restarts = stack.inspect(full).path("RestartCount").asLong();
    try (Load load = Load.start(stack.port("PORT"), 5, 250)) {
      fill(disk);
      if (other.equals("prometheus")) {
        awaitNotification("firing", "HostDiskFilling", "mountpoint", disk.toString());
      } else {
        awaitUntil(start.plus(OUTAGE));
      }
      System.out.printf(
          "Disk of %s full: %s, %d more restarts; it says: %s%n",
          full,
          stack.inspect(full).at("/State/Status").asText(),
          stack.inspect(full).path("RestartCount").asLong() - restarts,
          lastComplaint(full));
      assertThat(stack.inspect(other).at("/State/Health/Status").asText()).isEqualTo("healthy");
      Files.delete(disk.resolve("filler"));
      awaitHealthy(full);
      load.stop();
      assertThat(load.lost()).isEmpty();
    } finally {
      Files.deleteIfExists(disk.resolve("filler"));
    }
    // Stored data is still there, and new data is stored again.
    String after = awaitStoredRoll();
    assertThat(missing(List.of(before, after))).isEmpty();
    Instant freed = Instant.now();
    await().atMost(RECOVERS).until(() -> scrapes(freed, Instant.now()).size() > 1);
    if (other.equals("prometheus")) {
      awaitNotification("resolved", "HostDiskFilling", "mountpoint", disk.toString());
    }
  }

  /** Makes a small disk in a file, for a volume of the containers. */
  private void makeDisk(String name, String owner) throws IOException {
    Path disk = Files.createDirectories(folder.resolve(name));
    Path image = folder.resolve(name + ".img");
    run("truncate", "--size=400M", image.toString());
    run("mkfs.ext4", "-q", image.toString());
    run("mount", "-o", "loop", image.toString(), disk.toString());
    closer.register(() -> run("umount", disk.toString()));
    run("chown", owner, disk.toString());
  }

  private static void fill(Path disk) {
    // This ends with an error, as it should, once the disk is full.
    Command.run(
        disk,
        Map.of(),
        List.of("dd", "if=/dev/zero", "of=filler", "bs=64K", "conv=fsync", "status=none"));
  }

  private String lastComplaint(String service) {
    return stack
        .logs(service)
        .lines()
        .filter(line -> line.matches("(?i).*(no space|sigbus|fault|panic|enospc).*"))
        .reduce((first, second) -> second)
        .orElse("nothing");
  }

  /** Rolls until Jaeger has the trace, and returns its id. */
  private String awaitStoredRoll() {
    return await()
        .atMost(RECOVERS)
        .until(
            () -> {
              try (Load load = Load.start(stack.port("PORT"), 1, 200)) {
                awaitAnswers(load, 5);
                load.stop();
                List<String> answered = load.answered();
                awaitUntil(Instant.now().plusSeconds(3));
                List<String> missing = missing(answered);
                return answered.stream().filter(id -> !missing.contains(id)).findFirst();
              }
            },
            Optional::isPresent)
        .orElseThrow();
  }

  private static void run(String... command) {
    Command.run(Path.of("."), Map.of(), List.of(command)).orFail();
  }

  private void awaitAnswers(Load load, int count) {
    await()
        .atMost(RECOVERS)
        .untilAsserted(() -> assertThat(load.answered()).hasSizeGreaterThanOrEqualTo(count));
  }

  private static void awaitUntil(Instant instant) {
    await().atMost(OUTAGE.multipliedBy(2)).until(() -> Instant.now().isAfter(instant));
  }

  private void awaitHealthy(String service) {
    await(service + " is healthy")
        .atMost(RECOVERS)
        .untilAsserted(
            () ->
                assertThat(stack.inspect(service).at("/State/Health/Status").asText())
                    .isEqualTo("healthy"));
  }

  private void awaitNotification(String status, String alert, String label, String value) {
    await(alert + " " + status)
        .atMost(FIRES)
        .untilAsserted(
            () ->
                assertThat(receiver.notifications())
                    .anyMatch(
                        told ->
                            told.status().equals(status)
                                && told.name().equals(alert)
                                && value.equals(told.labels().get(label))));
  }

  /** Returns the traces of at least a hundred rolls. */
  private List<String> rollAHundredTimes() {
    try (Load load = Load.start(stack.port("PORT"), 2, 100)) {
      awaitAnswers(load, 100);
      load.stop();
      return load.answered();
    }
  }

  /**
   * Kills a service, which the engine starts again; until it has, the service still counts as
   * healthy.
   */
  private void killAndAwaitTheNext(String service) {
    long killed = stack.pid(service);
    stack.killProcess(service);
    await().atMost(RECOVERS).until(() -> stack.pid(service), pid -> pid != killed && pid != 0);
  }

  /** Returns the traces that Jaeger does not have. */
  private List<String> missing(List<String> traceIds) throws IOException {
    List<String> missing = new ArrayList<>();
    for (String traceId : traceIds) {
      if (stack.jaeger().trace(traceId).isEmpty()) {
        missing.add(traceId);
      }
    }
    return missing;
  }

  /** Returns those of the traces of which VictoriaLogs has no line. */
  private List<String> withoutLine(List<String> traceIds) throws IOException {
    List<String> missing = new ArrayList<>(traceIds);
    // An address has room for some hundred.
    for (int from = 0; from < traceIds.size(); from += 200) {
      String some = String.join(",", traceIds.subList(from, Math.min(from + 200, traceIds.size())));
      for (JsonNode line :
          stack
              .victoriaLogs()
              .query("_time:1h trace_id:in(%s) | uniq by (trace_id)".formatted(some))) {
        missing.remove(line.path("trace_id").asText());
      }
    }
    return missing;
  }

  private boolean victoriaLogsHasWrittenAll() throws IOException {
    return Http.get(stack.victoriaLogs().url() + "/metrics")
        .body()
        .contains("vl_storage_rows{type=\"storage/inmemory\"} 0\n");
  }

  /** Returns the log lines that the agent has dropped since its start, by its own metric. */
  private double lostLines() {
    return single(
        """
        (sum(otel_sdk_exporter_log_exported_total{error_type!=""}) or vector(0))
        + (sum(otel_sdk_processor_log_processed_total{error_type!=""}) or vector(0))
        """);
  }

  /** Returns the spans that the agent has dropped since its start, by its own metric. */
  private double lostSpans() {
    return single(
        """
        (sum(otel_sdk_exporter_span_exported_total{error_type!=""}) or vector(0))
        + (sum(otel_sdk_processor_span_processed_total{error_type!=""}) or vector(0))
        """);
  }

  private double lost(double before) {
    return lostSpans() - before;
  }

  private double single(String promql) {
    try {
      List<JsonNode> result = stack.prometheus().query(promql.replace('\n', ' '));
      return result.isEmpty() ? 0 : result.get(0).at("/value/1").asDouble();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String latency(String when, Instant from, Instant to) {
    long seconds = Math.max(5, Duration.between(from, to).toSeconds());
    String buckets =
        "sum by (le) (rate(http_server_request_duration_seconds_bucket{http_route=\"/\"}[%ds] @ %d))"
            .formatted(seconds, to.getEpochSecond());
    return " %s: p50 %.1f ms, p99 %.1f ms"
        .formatted(
            when,
            1000 * single("histogram_quantile(0.5, %s)".formatted(buckets)),
            1000 * single("histogram_quantile(0.99, %s)".formatted(buckets)));
  }

  /** Returns the times at which dice was scraped, in seconds since 1970. */
  private List<Double> scrapes(Instant from, Instant to) throws IOException {
    long seconds = Math.max(1, Duration.between(from, to).toSeconds());
    JsonNode samples =
        Http.json(
                stack.prometheus().url()
                    + "/api/v1/query?query="
                    + Http.encode("up{job=\"dice\"}[%ds]".formatted(seconds))
                    + "&time="
                    + to.getEpochSecond())
            .at("/data/result/0/values");
    return StreamSupport.stream(samples.spliterator(), false)
        .map(sample -> sample.path(0).asDouble())
        .toList();
  }
}
