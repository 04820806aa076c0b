package lapalma.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A program that runs as a child process, writes one log file, and can be started again. */
public final class ManagedProcess implements AutoCloseable {
  /** How long a start may take on a busy machine. */
  public static final Duration READY = Duration.ofSeconds(60);

  private static final int LAST_LINES = 15;
  private static final int OK = 200;
  private static final Duration ANSWERS = Duration.ofSeconds(5);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(ANSWERS).build();

  private final String name;
  private final List<String> command;
  private final Map<String, String> environment;
  private final Path folder;
  private final Path log;

  /** Null until the first start. */
  private volatile @Nullable Process process;

  /**
   * Describes a program without starting it.
   *
   * @param environment variables to add to those of this process
   * @param folder the working directory
   * @param log the file for the output, which each start overwrites; a pid file beside it names the
   *     process
   */
  public ManagedProcess(
      String name, List<String> command, Map<String, String> environment, Path folder, Path log) {
    this.name = name;
    this.command = List.copyOf(command);
    this.environment = Map.copyOf(environment);
    this.folder = folder;
    this.log = log;
  }

  /** Starts a program, see {@link #ManagedProcess}. */
  public static ManagedProcess start(
      String name, List<String> command, Map<String, String> environment, Path folder, Path log) {
    var started = new ManagedProcess(name, command, environment, folder, log);
    started.start();
    return started;
  }

  /**
   * Starts the program, or starts it again after its end.
   *
   * @throws ProcessException when the program cannot be started
   */
  public void start() {
    var builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    try {
      Path data = Files.createDirectories(log.toAbsolutePath().getParent());
      Process started = Children.start(name, builder);
      // Before the pid file, so that close() ends a program whose file cannot be written.
      process = started;
      new PidFile(data, name).write(started.toHandle());
    } catch (IOException e) {
      close();
      throw new ProcessException("%s cannot be started: %s".formatted(name, e.getMessage()));
    }
  }

  private Process started() {
    return Objects.requireNonNull(process, () -> name + " has not been started");
  }

  public String name() {
    return name;
  }

  public Path log() {
    return log;
  }

  public long pid() {
    return started().pid();
  }

  /** Returns the CPU time that the process has used so far. */
  public Duration cpu() {
    return started().info().totalCpuDuration().orElseThrow();
  }

  public boolean isAlive() {
    return started().isAlive();
  }

  public CompletableFuture<ManagedProcess> onExit() {
    return started().onExit().thenApply(ended -> this);
  }

  /**
   * Checks that the process runs.
   *
   * @throws ProcessException when it has ended, with the last lines of the log
   */
  public void requireAlive() {
    if (!started().isAlive()) {
      throw new ProcessException(
          "%s ended with exit code %d. The last lines of %s:%n%s"
              .formatted(name, started().exitValue(), log, lastLines()));
    }
  }

  /**
   * Waits until {@code url} answers 200, and ends a program that does not get ready.
   *
   * @throws ProcessException when the process ends first, or after {@link #READY}
   */
  public void awaitReady(String url) {
    var request = HttpRequest.newBuilder(URI.create(url)).timeout(ANSWERS).build();
    awaitReady(
        "%s answers at %s".formatted(name, url),
        READY,
        () -> {
          int status = HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
          return status == OK ? Wait.found(status) : Wait.notYet("status " + status);
        });
  }

  /**
   * Waits until the log has {@code text}, and ends a program that does not write it.
   *
   * @throws ProcessException when the process ends first, or after {@code limit}
   */
  public void awaitLogged(String text, Duration limit) {
    awaitReady(
        "%s has logged '%s'".formatted(name, text),
        limit,
        () -> logText().contains(text) ? Wait.found(text) : Wait.notYet("no such line in " + log));
  }

  private <T> void awaitReady(String what, Duration limit, Callable<Wait.Look<T>> look) {
    try {
      Wait.until(
          what,
          limit,
          () -> {
            requireAlive();
            return look.call();
          });
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  public String logText() {
    try {
      // Not readString, which refuses a character that the program has written half of.
      return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String lastLines() {
    List<String> lines = logText().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
  }

  /** Sends SIGTERM without waiting. */
  public void terminate() {
    started().destroy();
  }

  /** Sends SIGKILL without waiting. */
  public void kill() {
    started().destroyForcibly();
  }

  /**
   * Waits for the end of the process and returns its exit code.
   *
   * @throws ProcessException when it still runs after {@code limit}
   */
  public int awaitExit(Duration limit) {
    try {
      if (started().waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        return started().exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new ProcessException("%s still runs after %d s".formatted(name, limit.toSeconds()));
  }

  /** Sends SIGTERM, and SIGKILL to a process that does not end in time. */
  @Override
  public void close() {
    Process started = process;
    if (started != null) {
      Children.end(started.toHandle());
    }
  }
}
