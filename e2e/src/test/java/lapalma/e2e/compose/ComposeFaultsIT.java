package lapalma.e2e.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lapalma.e2e.health.AlertReceiver;
import lapalma.e2e.health.Alertmanager;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.Load;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Command;
import lapalma.stack.Project;
import lapalma.stack.Rules;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Breaks running containers under requests until the alert of each fault fires and is resolved:
 * docs/reliability.md has the promises.
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
    var rules = new Rules(6);
    Path config = ComposeStack.prometheusConfig(folder, rules);
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
    for (var owner : Map.of("jaeger-disk", "10001", "prometheus-disk", "65534").entrySet()) {
      Path disk = folder.resolve(owner.getKey());
      ComposeStack.makeDisk(closer, disk, "400M");
      Command.run(List.of("chown", owner.getValue(), disk.toString())).orFail();
    }
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
  void aDiceThatDiesStartsAnewAndItsRestartsAreAlertedAndResolved() throws Exception {
    for (int i = 1; i <= 2; i++) {
      Instant killed = Instant.now();
      stack.killAndAwaitTheNext("dice");
      stack.awaitHealthy("dice");
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
        ComposeStack.awaitUntil(start.plus(OUTAGE));
      }
      System.out.printf(
          "Disk of %s full: %s, %d more restarts; it says: %s%n",
          full,
          stack.inspect(full).at("/State/Status").asText(),
          stack.inspect(full).path("RestartCount").asLong() - restarts,
          lastComplaint(full));
      assertThat(stack.inspect(other).at("/State/Health/Status").asText()).isEqualTo("healthy");
      Files.delete(disk.resolve("filler"));
      stack.awaitHealthy(full);
      load.stop();
      assertThat(load.lost()).isEmpty();
    } finally {
      Files.deleteIfExists(disk.resolve("filler"));
    }
    // Stored data is still there, and new data is stored again.
    String after = awaitStoredRoll();
    assertThat(stack.missingTraces(List.of(before, after))).isEmpty();
    Instant freed = Instant.now();
    await()
        .atMost(RECOVERS)
        .untilAsserted(() -> assertThat(stack.scrapes(freed, Instant.now())).hasSizeGreaterThan(1));
    if (other.equals("prometheus")) {
      awaitNotification("resolved", "HostDiskFilling", "mountpoint", disk.toString());
    }
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
                load.awaitAnswered(5);
                load.stop();
                List<String> answered = load.answered();
                ComposeStack.awaitUntil(Instant.now().plusSeconds(3));
                List<String> missing = stack.missingTraces(answered);
                return answered.stream().filter(id -> !missing.contains(id)).findFirst();
              }
            },
            Optional::isPresent)
        .orElseThrow();
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
}
