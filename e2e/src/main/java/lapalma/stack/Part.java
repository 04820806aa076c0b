package lapalma.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program of the stack that runs as a child process and writes one log file. */
final class Part implements AutoCloseable {
  /** How long a start may take on a busy machine. */
  static final Duration READY = Duration.ofSeconds(60);

  private static final int LAST_LINES = 15;

  private final String name;
  private final Process process;
  private final Path log;

  private Part(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /**
   * Starts {@code command}; a pid file beside the log names its process.
   *
   * @param environment is added to this process's environment
   */
  static Part start(
      String name, List<String> command, Map<String, String> environment, Path folder, Path log) {
    var builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    try {
      Path data = Files.createDirectories(log.toAbsolutePath().getParent());
      Process process = Children.start(name, builder);
      new PidFile(data, name).write(process.toHandle());
      return new Part(name, process, log);
    } catch (IOException e) {
      throw new StackException("%s cannot be started: %s".formatted(name, e.getMessage()));
    }
  }

  String name() {
    return name;
  }

  Path log() {
    return log;
  }

  long pid() {
    return process.pid();
  }

  /** CPU time that it has taken until now, as the kernel tells it. */
  Duration cpu() {
    return process.info().totalCpuDuration().orElseThrow();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  CompletableFuture<Part> onExit() {
    return process.onExit().thenApply(ended -> this);
  }

  /**
   * @throws StackException with the last lines of the log when the process has ended
   */
  void requireAlive() {
    if (!process.isAlive()) {
      throw new StackException(
          "%s ended with exit code %d. The last lines of %s:%n%s"
              .formatted(name, process.exitValue(), log, lastLines()));
    }
  }

  /**
   * Waits until {@code url} answers 200; a part that does not become ready is ended.
   *
   * @throws StackException when the process ends before, or after {@link #READY}
   */
  void awaitReady(String url) {
    awaitReady(
        name + " is ready",
        READY,
        () -> {
          int status = Http.get(url).statusCode();
          return status == 200 ? Wait.found(status) : Wait.notYet("status " + status);
        });
  }

  /**
   * Waits as {@link Wait#until} does; a part that does not become ready is ended.
   *
   * @throws StackException when the process ends before, or after {@code limit}
   */
  <T> void awaitReady(String what, Duration limit, Callable<Wait.Look<T>> look) {
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

  String logText() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String lastLines() {
    List<String> lines = logText().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
  }

  /** Sends SIGTERM without waiting. */
  void terminate() {
    process.destroy();
  }

  /** Sends SIGKILL without waiting. */
  void kill() {
    process.destroyForcibly();
  }

  /**
   * Waits for the end of the process and returns its exit code.
   *
   * @throws StackException when it still runs after {@code limit}
   */
  int awaitExit(Duration limit) {
    try {
      if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        return process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new StackException("%s still runs after %d s".formatted(name, limit.toSeconds()));
  }

  /** Sends SIGTERM, and SIGKILL to what does not end in time. */
  @Override
  public void close() {
    Children.end(process.toHandle());
  }
}
