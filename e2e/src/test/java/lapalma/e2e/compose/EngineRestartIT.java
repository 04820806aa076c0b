package lapalma.e2e.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
        && Command.run(
                    Path.of("."),
                    Map.of(),
                    List.of("sh", "-c", "command -v dockerd && test $(id -u) = 0"))
                .exitCode()
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
        "sh",
        "-c",
        "docker save %s | DOCKER_HOST=%s docker load"
            .formatted(String.join(" ", images), engine.get("DOCKER_HOST")));
    stack.up(SERVICES.toArray(String[]::new));
  }

  @Test
  void afterARestartOfTheEngineAllAreBackWithWhatTheyHadStored() {
    var context = TraceContext.random();
    fetch("--header=traceparent: " + context.traceparent(), "http://dice:5000/");
    String trace = "http://jaeger:16686/api/traces/" + context.traceId();
    String scrapes =
        "http://127.0.0.1:9090/api/v1/query?query=count_over_time(up%7Bjob=%22dice%22%7D%5B1h%5D)";
    await().atMost(RECOVERS).until(() -> answers(trace));
    await().atMost(RECOVERS).until(() -> number(fetch(scrapes)) > 2);
    int before = number(fetch(scrapes));
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
    assertThat(answers(trace)).isTrue();
    assertThat(number(fetch(scrapes))).isGreaterThanOrEqualTo(before);
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

  private boolean answers(String url) {
    try {
      return fetch(url).contains("\"traceID\"");
    } catch (ProcessException e) {
      return false;
    }
  }

  private static int number(String answer) {
    return Integer.parseInt(answer.replaceAll(".*\"(\\d+)\"]}].*", "$1").replaceAll("\\D.*", "0"));
  }

  private static void command(String... command) {
    Command.run(Path.of("."), Map.of(), List.of(command)).orFail();
  }
}
