package lapalma.e2e.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.TraceContext;
import lapalma.process.Command;
import lapalma.process.FreePort;
import lapalma.stack.Project;
import lapalma.stack.api.JaegerApi;

/**
 * A person who types {@code docker compose} in a folder, on a machine whose PATH has nothing but
 * Docker. Where no registry is reached, {@code e2e/compose/offline.yml} is laid over the files that
 * the folder names.
 */
final class DockerOnly implements AutoCloseable {
  private static final Path ROOT = SharedStack.project().root();
  private static final List<String> BUILT = List.of("dice", "agent");

  private final Path folder;
  private final Path path;
  private final Map<String, String> environment = new HashMap<>();

  /**
   * @param folder where docker-compose.yml is
   * @param tag of the images that are built, which are removed at the end
   */
  DockerOnly(Path folder, String tag) {
    this.folder = folder;
    path = SharedStack.newFolder("docker-only");
    int network = ComposeStack.nextNetwork();
    environment.putAll(
        Map.of(
            "PATH",
            path.resolve("bin").toString(),
            "HOME",
            path.toString(),
            "COMPOSE_PROJECT_NAME",
            "lapalma-alone-" + network,
            "NETWORK",
            "10.213.%d".formatted(network),
            "COMPOSE_FILE",
            "docker-compose.yml:compose/images.yml:offline.yml"));
    for (String port :
        List.of(
            "PORT", "JAEGER_PORT", "VICTORIALOGS_PORT", "PROMETHEUS_PORT", "ALERTMANAGER_PORT")) {
      environment.put(port, String.valueOf(FreePort.find()));
    }
    for (String image : BUILT) {
      environment.put(image.toUpperCase(Locale.ROOT) + "_IMAGE", "lapalma/" + image + ":" + tag);
    }
    try {
      Files.copy(ROOT.resolve("e2e/compose/offline.yml"), folder.resolve("offline.yml"));
      Path docker = Files.createDirectory(path.resolve("bin")).resolve("docker");
      Files.createSymbolicLink(
          docker,
          Path.of(Command.run(List.of("sh", "-c", "command -v docker")).orFail()).toRealPath());
      // The client's plugin, which a person has installed.
      if (Command.run(List.of("docker", "compose", "version")).exitCode() != 0) {
        Files.createSymbolicLink(
            Files.createDirectories(path.resolve(".docker/cli-plugins")).resolve("docker-compose"),
            Project.findProgram(ROOT, "e2e/compose/plugin"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs {@code docker} in the folder, and returns what it printed. */
  String docker(String... arguments) {
    List<String> command = new ArrayList<>(List.of("/usr/bin/env", "--ignore-environment"));
    environment.forEach((name, value) -> command.add(name + "=" + value));
    command.add("docker");
    command.addAll(List.of(arguments));
    return Command.run(folder, command).orFail();
  }

  /** Rolls once and waits until Jaeger has the trace of the roll. */
  void assertThatARollIsFoundInJaeger() throws IOException {
    var context = TraceContext.random();
    assertThat(context.get("http://127.0.0.1:" + environment.get("PORT") + "/").statusCode())
        .isEqualTo(200);
    var jaeger = new JaegerApi("http://127.0.0.1:" + environment.get("JAEGER_PORT"));
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () ->
                assertThat(jaeger.trace(context.traceId()))
                    .flatExtracting((JsonNode trace) -> trace.findValuesAsText("operationName"))
                    .containsExactlyInAnyOrder("GET /", "Dice.roll"));
  }

  /** Removes the containers, their network, their volumes and the images that were built. */
  @Override
  public void close() {
    docker("compose", "down", "--volumes", "--timeout", "2");
    for (String image : BUILT) {
      docker("image", "rm", environment.get(image.toUpperCase(Locale.ROOT) + "_IMAGE"));
    }
  }
}
