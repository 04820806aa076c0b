package lapalma.e2e.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.TraceContext;
import lapalma.process.Command;
import lapalma.process.ManagedProcess;
import lapalma.process.ProcessException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Restarts a Docker engine, as happens when its machine restarts.
 *
 * <p>The engine is a second one in its own network namespace, as the machine's engine may be in
 * use.
 */
@Tag("compose")
@EnabledIf(
    value = "engineCanBeStarted",
    disabledReason = "No second Docker engine can be started: no engine was restarted")
@Isolated("a second engine changes the network rules of the machine")
class EngineRestartIT {
  private static final Duration STARTS = Duration.ofMinutes(2);
  private static final Duration RECOVERS = Duration.ofMinutes(3);
  private static final List<String> SERVICES = List.of("dice", "jaeger", "prometheus");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder = SharedStack.newFolder("engine");
  // Short: the path of a socket has at most 107 bytes.
  private final Path run = Path.of("/run/lapalma-test-" + ProcessHandle.current().pid());
  private final String namespace = run.getFileName().toString();
  private final Map<String, String> engine =
      Map.of("DOCKER_HOST", "unix://" + run + "/docker.sock");
  @AutoClose private final Closer closer = new Closer();
  private final ComposeStack stack = new ComposeStack(folder, engine);
  private ManagedProcess dockerd;

  static boolean engineCanBeStarted() {
    return ComposeStack.engineAnswers()
        && Command.run(List.of("sh", "-c", "command -v dockerd && test $(id -u) = 0")).exitCode()
            == 0;
  }

  @BeforeEach
  void startEngineWithImages() throws IOException {
    closer.register(
        () ->
            command(
                "sh",
                "-c",
                "umount -l %s/exec/netns/* 2>/dev/null; rm -rf %s".formatted(run, run)));
    Files.createDirectories(run);
    command("ip", "netns", "add", namespace);
    closer.register(() -> command("ip", "netns", "delete", namespace));
    command("ip", "-n", namespace, "link", "set", "lo", "up");
    startEngine();
    // Closes the engine that runs at the end: the test starts a second one.
    closer.register(() -> dockerd.close());
    closer.register(stack);
    List<String> images = new ArrayList<>();
    for (String line : stack.compose("config", "--images").lines().toList()) {
      if (line.matches(".*(dice|jaeger|prometheus).*") && !line.contains("exporter")) {
        images.add(line);
      }
    }
    assertThat(images).hasSize(3);
    // Copies the images from the machine's engine to the new one.
    command(
        "bash",
        "-c",
        "set -o pipefail; docker save %s | DOCKER_HOST=%s docker load"
            .formatted(String.join(" ", images), engine.get("DOCKER_HOST")));
    stack.up(SERVICES.toArray(String[]::new));
  }

  @Test
  void afterARestartOfTheEngineAllAreBackWithWhatTheyHadStored() throws IOException {
    var context = TraceContext.random();
    fetch("--header=traceparent: " + context.traceparent(), "http://dice:5000/");
    String trace = "http://jaeger:16686/api/traces/" + context.traceId();
    await()
        .atMost(RECOVERS)
        .ignoreExceptionsInstanceOf(ProcessException.class)
        .untilAsserted(() -> assertThat(fetch(trace)).contains("\"traceID\""));
    await()
        .atMost(RECOVERS)
        .untilAsserted(() -> assertThat(samplesUntil(Instant.now())).isGreaterThan(2));
    // A scrape that began before that time, and takes at most 4 s, has been stored by now.
    Instant before = Instant.now().minusSeconds(5);
    int stored = samplesUntil(before);
    long start = System.nanoTime();

    dockerd.close();
    startEngine();

    for (String service : SERVICES) {
      await(service + " is healthy again")
          .atMost(RECOVERS)
          .untilAsserted(
              () ->
                  assertThat(stack.inspect(service).at("/State/Health/Status").asText())
                      .isEqualTo("healthy"));
    }
    System.out.printf(
        "Engine restarted: all healthy again after %.0f s%n", (System.nanoTime() - start) / 1e9);
    assertThat(fetch(trace)).contains("\"traceID\"");
    assertThat(samplesUntil(before)).isEqualTo(stored);
  }

  private void startEngine() {
    dockerd =
        ManagedProcess.start(
            "dockerd",
            List.of(
                // Not ip netns exec, which hides the cgroups.
                "nsenter",
                "--net=/run/netns/" + namespace,
                "dockerd",
                "--data-root=" + folder.resolve("data"),
                "--exec-root=" + run.resolve("exec"),
                "--pidfile=" + run.resolve("pid"),
                "--host=" + engine.get("DOCKER_HOST")),
            Map.of(),
            folder,
            folder.resolve("dockerd.log"));
    await("the second Docker engine answers")
        .atMost(STARTS)
        .failFast("it has ended", dockerd::requireAlive)
        .untilAsserted(
            () -> {
              Command info = Command.run(folder, engine, List.of("docker", "info"));
              assertThat(info.exitCode()).as(info.errors()).isZero();
            });
  }

  /** Fetches a URL from inside the engine's namespace, which holds its ports. */
  private String fetch(String... arguments) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("exec", stack.container("prometheus"), "wget", "-q", "-O", "-"));
    command.addAll(List.of(arguments));
    return stack.docker(command.toArray(String[]::new));
  }

  /** Returns how many scrapes of dice Prometheus has of the hour before a time. */
  private int samplesUntil(Instant time) throws IOException {
    JsonNode answer =
        JSON.readTree(
            fetch(
                "http://127.0.0.1:9090/api/v1/query?query=count_over_time(up%7Bjob=%22dice%22%7D%5B1h%5D)&time="
                    + time.getEpochSecond()));
    assertThat(answer.at("/data/result")).as(answer.toString()).hasSize(1);
    return Integer.parseInt(answer.at("/data/result/0/value/1").asText());
  }

  private static void command(String... command) {
    Command.run(List.of(command)).orFail();
  }
}
