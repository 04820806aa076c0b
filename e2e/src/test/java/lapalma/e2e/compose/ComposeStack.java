package lapalma.e2e.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Command;
import lapalma.process.FreePort;
import lapalma.stack.Rules;
import lapalma.stack.api.Http;
import lapalma.stack.api.JaegerApi;
import lapalma.stack.api.PrometheusApi;
import lapalma.stack.api.VictoriaLogsApi;

/**
 * The containers of docker-compose.yml with {@code e2e/compose/offline.yml} laid over it. They have
 * their own name, ports and network.
 */
final class ComposeStack implements AutoCloseable {
  static final String BASE = "docker-compose.yml";
  static final String OFFLINE = "e2e/compose/offline.yml";

  /** The time until all containers are healthy on a busy machine that has the images. */
  static final Duration HEALTHY = Duration.ofMinutes(3);

  /** A part of each secret. */
  static final String SECRET = "Zk3q9wPe";

  /** No two of this process get the same: tests run at the same time. */
  private static final AtomicInteger NETWORK =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(255));

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path root = SharedStack.project().root();
  private final String name;
  private final String address;
  private final Map<String, String> environment = new HashMap<>();
  private final List<String> files;

  /**
   * @param folder the folder for the files that it needs
   * @param extra variables that docker-compose.yml reads
   * @param overlays more compose files, relative to the project's root
   */
  ComposeStack(Path folder, Map<String, String> extra, String... overlays) {
    int network = nextNetwork();
    name = "lapalma-test-" + network + "-" + ProcessHandle.current().pid();
    address = "10.213.%d.1".formatted(network);
    environment.putAll(
        Map.of(
            "NETWORK",
            "10.213.%d".formatted(network),
            "PRIVATE_ADDRESS",
            address,
            "GRAFANA_ADMIN_PASSWORD_FILE",
            secret(folder, "grafana-admin-password", SECRET).toString(),
            "APP_VERSION",
            "1.2.3"));
    for (String port :
        List.of(
            "PORT", "JAEGER_PORT", "VICTORIALOGS_PORT", "PROMETHEUS_PORT", "ALERTMANAGER_PORT")) {
      environment.put(port, String.valueOf(FreePort.find()));
    }
    environment.putAll(extra);
    files = Stream.concat(Stream.of(BASE, OFFLINE), Stream.of(overlays)).toList();
  }

  /** Returns the third number of the addresses of a network, from 1: .env names network 0. */
  static int nextNetwork() {
    return 1 + NETWORK.getAndIncrement() % 255;
  }

  static Path secret(Path folder, String name, String value) {
    try {
      return Files.writeString(folder.resolve(name), value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes a configuration of Prometheus, scraped as usual because an answer may take a second on a
   * busy machine. It sees disks in the folder: node-exporter runs as nobody.
   */
  static Path prometheusConfig(Path folder, Rules rules) throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path from = SharedStack.project().root().resolve("prometheus");
    Path config = folder.resolve("prometheus");
    rules.copy(from.resolve("rules"), config.resolve("rules"));
    Rules.AS_WRITTEN.copy(from.resolve("targets"), config.resolve("targets"));
    Rules.AS_WRITTEN.copyFile(from.resolve("scrape.yml"), config.resolve("scrape.yml"));
    Files.writeString(
        config.resolve("prometheus.yml"),
        Files.readString(from.resolve("prometheus.yml"))
            .replace("evaluation_interval: 15s", "evaluation_interval: 1s"));
    return config;
  }

  /** Makes a small disk in a file, for volumes of the containers. */
  static void makeDisk(Closer closer, Path disk, String size) throws IOException {
    String image = Files.createDirectories(disk) + ".img";
    for (List<String> command :
        List.of(
            List.of("truncate", "--size=" + size, image),
            List.of("mkfs.ext4", "-q", image),
            List.of("mount", "-o", "loop", image, disk.toString()))) {
      Command.run(command).orFail();
    }
    closer.register(() -> Command.run(List.of("umount", disk.toString())).orFail());
  }

  /** Returns whether a Docker engine answers, for {@code @EnabledIf}. */
  static boolean engineAnswers() {
    return Command.run(List.of("docker", "info")).exitCode() == 0;
  }

  /** Starts every container and waits until all are healthy. */
  void up(String... services) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("up", "--detach", "--wait", "--wait-timeout", "" + HEALTHY.toSeconds()));
    command.addAll(List.of(services));
    compose(command.toArray(String[]::new));
  }

  /** Runs {@code docker compose} on this stack. */
  String compose(String... arguments) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(root.resolve("tools/compose").toString(), "--project-name", name));
    for (String file : files) {
      command.addAll(List.of("--file", file));
    }
    command.addAll(List.of(arguments));
    return Command.run(root, environment, command).orFail();
  }

  /** Runs {@code docker} on the engine of this stack. */
  String docker(String... arguments) {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(arguments));
    return Command.run(root, environment, command).orFail();
  }

  /** Returns the services that run. */
  List<String> services() {
    return compose("ps", "--services").lines().sorted().toList();
  }

  String container(String service) {
    return name + "-" + service + "-1";
  }

  JsonNode inspect(String service) {
    try {
      return JSON.readTree(docker("inspect", container(service))).get(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the id that a container's first process has on the machine. */
  long pid(String service) {
    return inspect(service).at("/State/Pid").asLong();
  }

  /**
   * Ends a container's process from outside, as the kernel does when memory is exhausted. After
   * {@code docker kill} the engine would not restart the container.
   */
  void killProcess(String service) {
    ProcessHandle.of(pid(service)).orElseThrow().destroyForcibly();
  }

  /** Waits until an instant, which is at most {@link #HEALTHY} away. */
  static void awaitUntil(Instant instant) {
    await().atMost(HEALTHY).until(() -> Instant.now().isAfter(instant));
  }

  void awaitHealthy(String service) {
    await(service + " is healthy")
        .atMost(HEALTHY)
        .untilAsserted(
            () ->
                assertThat(inspect(service).at("/State/Health/Status").asText())
                    .isEqualTo("healthy"));
  }

  /**
   * Kills a service, which the engine starts again; until it has, the service still counts as
   * healthy.
   */
  void killAndAwaitTheNext(String service) {
    long killed = pid(service);
    killProcess(service);
    await().atMost(HEALTHY).until(() -> pid(service), pid -> pid != killed && pid != 0);
  }

  /** Returns the output of a container: stdout, then stderr. */
  String logs(String service) {
    Command logs = Command.run(root, environment, List.of("docker", "logs", container(service)));
    return logs.output() + "\n" + logs.errors();
  }

  String url(String port) {
    return "http://127.0.0.1:" + port(port);
  }

  int port(String variable) {
    return Integer.parseInt(environment.get(variable));
  }

  PrometheusApi prometheus() {
    return new PrometheusApi(url("PROMETHEUS_PORT"));
  }

  JaegerApi jaeger() {
    return new JaegerApi(url("JAEGER_PORT"));
  }

  VictoriaLogsApi victoriaLogs() {
    return new VictoriaLogsApi(url("VICTORIALOGS_PORT"));
  }

  /** Returns the traces that Jaeger does not have. */
  List<String> missingTraces(List<String> traceIds) throws IOException {
    List<String> missing = new ArrayList<>();
    for (String traceId : traceIds) {
      if (jaeger().trace(traceId).isEmpty()) {
        missing.add(traceId);
      }
    }
    return missing;
  }

  /** Returns the times at which dice was scraped, in seconds since 1970. */
  List<Double> scrapes(Instant from, Instant to) throws IOException {
    long seconds = Math.max(1, Duration.between(from, to).toSeconds());
    JsonNode samples =
        Http.json(
                prometheus().url()
                    + "/api/v1/query?query="
                    + Http.encode("up{job=\"dice\"}[%ds]".formatted(seconds))
                    + "&time="
                    + to.getEpochSecond())
            .at("/data/result/0/values");
    return StreamSupport.stream(samples.spliterator(), false)
        .map(sample -> sample.path(0).asDouble())
        .toList();
  }

  String name() {
    return name;
  }

  /** Returns the machine's address in the network of the containers. */
  String address() {
    return address;
  }

  /** Removes the containers, their network and their volumes. */
  @Override
  public void close() {
    compose("--profile", "traffic", "down", "--volumes", "--timeout", "2");
  }
}
