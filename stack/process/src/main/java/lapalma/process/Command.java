package lapalma.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * A program that was run to its end.
 *
 * @param line the program and its arguments
 * @param exitCode 0 after success, {@value #CANNOT_BE_RUN} for a program that could not be started,
 *     {@value #TIMED_OUT} for one that was killed, or whose output was still open, after {@link
 *     #LIMIT}
 * @param output the program's stdout, without white space at its ends
 * @param errors the same of stderr
 */
public record Command(List<String> line, int exitCode, String output, String errors) {
  /** The time after which a program is killed. */
  public static final Duration LIMIT = Duration.ofMinutes(10);

  /** How long a killed program may take to be gone. The kernel can hold it in I/O. */
  private static final Duration GONE = Duration.ofSeconds(2);

  /** The exit code that a shell uses. */
  public static final int CANNOT_BE_RUN = 127;

  /** The exit code that timeout(1) uses. */
  public static final int TIMED_OUT = 124;

  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  /** Own threads: those of the common pool are few, and a program may run for long. */
  private static final Executor READERS =
      task -> {
        var reader = new Thread(task, "read-command");
        reader.setDaemon(true);
        reader.start();
      };

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> RUNNING.forEach(Command::kill), "kill-commands"));
  }

  /** Runs a program in the working directory of this one. */
  public static Command run(List<String> line) {
    return run(Path.of("").toAbsolutePath(), line);
  }

  public static Command run(Path folder, List<String> line) {
    return run(folder, Map.of(), line);
  }

  /**
   * Runs a program in a folder.
   *
   * @param environment is added to this process's environment
   */
  public static Command run(Path folder, Map<String, String> environment, List<String> line) {
    var builder = new ProcessBuilder(line).directory(folder.toFile());
    builder.environment().putAll(environment);
    long deadline = System.nanoTime() + LIMIT.toNanos();
    try {
      Process process = start(builder);
      process.getOutputStream().close();
      // In parallel: a program blocks when nobody reads its output.
      var output = CompletableFuture.supplyAsync(() -> read(process.getInputStream()), READERS);
      var errors = CompletableFuture.supplyAsync(() -> read(process.getErrorStream()), READERS);
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        kill(process);
        return new Command(
            line, TIMED_OUT, "", "it still ran after %d min".formatted(LIMIT.toMinutes()));
      }
      return new Command(
          line,
          process.exitValue(),
          until(deadline, output).strip(),
          until(deadline, errors).strip());
    } catch (IOException e) {
      return new Command(line, CANNOT_BE_RUN, "", String.valueOf(e.getMessage()));
    } catch (TimeoutException e) {
      return new Command(
          line,
          TIMED_OUT,
          "",
          "it has ended, but a program that it started held its output open for %d min"
              .formatted(LIMIT.toMinutes()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ProcessException("Interrupted while running " + line.get(0));
    }
  }

  private static String until(long deadline, CompletableFuture<String> read)
      throws InterruptedException, TimeoutException {
    try {
      return read.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Kills a program and the programs that it has started, and waits until they are gone. */
  private static void kill(Process process) {
    List<ProcessHandle> killed = new ArrayList<>(List.of(process.toHandle()));
    process.descendants().forEach(killed::add);
    killed.forEach(ProcessHandle::destroyForcibly);
    killed.forEach(
        one -> one.onExit().completeOnTimeout(one, GONE.toMillis(), TimeUnit.MILLISECONDS).join());
  }

  /** Starts a program. If it still runs when this program ends, it is killed. */
  public static Process start(ProcessBuilder builder) throws IOException {
    Process process = builder.start();
    RUNNING.add(process);
    var unused = process.onExit().thenRun(() -> RUNNING.remove(process));
    return process;
  }

  /** Reads the output of a program until its end. */
  public static String read(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return ""; // it was killed
    }
  }

  /**
   * Returns the program's stdout.
   *
   * @throws ProcessException when the exit code is not 0; the message holds the program's stderr
   */
  public String orFail() {
    if (exitCode != 0) {
      throw new ProcessException(
          "%s failed with exit code %d: %s".formatted(String.join(" ", line), exitCode, errors));
    }
    return output;
  }

  /**
   * Returns the program's stdout.
   *
   * @param exception makes the exception to throw when the exit code is not 0, from a sentence that
   *     names the program and the last line of its output
   */
  public String orElseThrow(Function<String, ? extends RuntimeException> exception) {
    if (exitCode != 0) {
      throw exception.apply(
          "'%s' failed with exit code %d: %s"
              .formatted(String.join(" ", line), exitCode, lastLine(output + "\n" + errors)));
    }
    return output;
  }

  private static String lastLine(String text) {
    return text.lines()
        .filter(one -> !one.isBlank())
        .reduce((first, second) -> second)
        .orElse("it printed nothing");
  }
}
