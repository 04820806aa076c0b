package lapalma.agent.archive;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs the app from its start over some requests to its stop, or runs a JVM without the app. */
final class TrainingRun {
  private static final Duration READY = Duration.ofSeconds(120);
  // The JVM writes the archive when the app has stopped.
  private static final Duration STOP = Duration.ofSeconds(180);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final int TIMES = 20;
  private static final List<String> PATHS = List.of("/", "/fail", "/health", "/metrics");
  private static final int LAST_LINES = 15;

  private final Path app;
  private final List<String> paths;
  private final Backend backend;
  private final Path work;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(ANSWER).build();

  TrainingRun(Path app, List<String> paths, Backend backend, Path work) {
    this.app = app;
    this.paths = paths.isEmpty() ? PATHS : paths;
    this.backend = backend;
    this.work = work;
  }

  /** Runs the app with {@code arguments} of the JVM and returns its output. */
  String of(List<String> arguments) throws IOException {
    int port = freePort();
    int metricsPort = freePort();
    Path log = work.resolve("log");
    var builder = java(arguments, List.of("-jar", app.toString()), log);
    builder.environment().putAll(backend.environment());
    builder
        .environment()
        .putAll(
            Map.of(
                "PORT", String.valueOf(port),
                "OTEL_EXPORTER_PROMETHEUS_PORT", String.valueOf(metricsPort)));
    Process process = started(builder);
    try {
      awaitReady(process, port, log);
      for (int i = 0; i < TIMES; i++) {
        for (String path : paths) {
          get("http://127.0.0.1:" + port + path);
        }
      }
      if (JvmArguments.attachAnAgent(arguments)) {
        get("http://127.0.0.1:" + metricsPort + "/metrics");
      }
      process.destroy();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
      throw new ArchiveException("Interrupted.");
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
    return atItsEnd(process, log);
  }

  /** Starts a JVM that does not outlive this program, as after Ctrl-C. */
  private static Process started(ProcessBuilder builder) throws IOException {
    Process process = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return process;
  }

  /** Runs a JVM with {@code arguments} that does nothing else, and returns its output. */
  String withoutApp(List<String> arguments) throws IOException {
    Path log = work.resolve("log");
    Process process = started(java(arguments, List.of("-version"), log));
    String output = atItsEnd(process, log);
    if (process.exitValue() != 0) {
      throw failed("The JVM", "ended with exit code " + process.exitValue(), log);
    }
    return output;
  }

  /** Returns the output of a JVM that ends by itself or has been told to end. */
  private static String atItsEnd(Process process, Path log) throws IOException {
    try {
      if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        throw new ArchiveException(
            "The JVM still runs after %d s. The last lines of its output:%n%s"
                .formatted(STOP.toSeconds(), lastLines(Files.readString(log))));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ArchiveException("Interrupted.");
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(log);
  }

  /** Prepares the {@code java} that runs this program. */
  private static ProcessBuilder java(List<String> arguments, List<String> program, Path log) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    command.addAll(program);
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    // The caller's settings are for another app.
    builder.environment().keySet().removeIf(name -> name.startsWith("OTEL_"));
    return builder;
  }

  private void awaitReady(Process process, int port, Path log)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + READY.toNanos();
    String seen = "nothing";
    while (System.nanoTime() < deadline) {
      if (!process.isAlive()) {
        throw failed(app, "ended with exit code " + process.exitValue(), log);
      }
      try {
        get("http://127.0.0.1:" + port + paths.get(0));
        return;
      } catch (IOException e) {
        seen = e.toString();
      }
      Thread.sleep(50);
    }
    throw failed(
        app,
        "does not answer on PORT %d after %d s (%s)".formatted(port, READY.toSeconds(), seen),
        log);
  }

  /** Accepts any status: a path may fail on purpose. */
  private void get(String url) throws IOException, InterruptedException {
    client.send(
        HttpRequest.newBuilder(URI.create(url)).timeout(ANSWER).build(),
        HttpResponse.BodyHandlers.discarding());
  }

  private static ArchiveException failed(Object who, String what, Path log) throws IOException {
    return new ArchiveException(
        "%s %s. The last lines of its output:%n%s"
            .formatted(who, what, lastLines(Files.readString(log))));
  }

  static String lastLines(String output) {
    List<String> lines = output.lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
