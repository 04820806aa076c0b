package lapalma.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A program that was run to its end.
 *
 * @param line the program and its arguments
 * @param exitCode 0 where it did what it was asked for, {@value #CANNOT_BE_RUN} where it could not
 *     be started, {@value #TIMED_OUT} where it was killed after {@link #LIMIT}
 * @param output what it wrote to stdout, without white space at its ends
 * @param errors the same of stderr
 */
public record Command(List<String> line, int exitCode, String output, String errors) {
  /** How long a program may run. */
  public static final Duration LIMIT = Duration.ofMinutes(10);

  /** As a shell has it. */
  public static final int CANNOT_BE_RUN = 127;

  /** As timeout(1) has it. */
  public static final int TIMED_OUT = 124;

  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> RUNNING.forEach(Process::destroyForcibly), "kill-commands"));
  }

  /** Runs a program in the folder of this one. */
  public static Command run(List<String> line) {
    return run(Path.of("").toAbsolutePath(), line);
  }

  public static Command run(Path folder, List<String> line) {
    return run(folder, Map.of(), line);
  }

  /**
   * @param environment is added to this process's environment
   */
  public static Command run(Path folder, Map<String, String> environment, List<String> line) {
    var builder = new ProcessBuilder(line).directory(folder.toFile());
    builder.environment().putAll(environment);
    try {
      Process process = start(builder);
      process.getOutputStream().close();
      // Side by side: a program stops where nobody reads what it writes.
      var output = CompletableFuture.supplyAsync(() -> read(process.getInputStream()));
      var errors = CompletableFuture.supplyAsync(() -> read(process.getErrorStream()));
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return new Command(
            line, TIMED_OUT, "", "it had not ended after %d min".formatted(LIMIT.toMinutes()));
      }
      return new Command(line, process.exitValue(), output.join().strip(), errors.join().strip());
    } catch (IOException e) {
      return new Command(line, CANNOT_BE_RUN, "", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ProcessException("Interrupted while running " + line.get(0));
    }
  }

  /** Starts a program that is killed, if it still runs, when this one ends. */
  public static Process start(ProcessBuilder builder) throws IOException {
    Process process = builder.start();
    RUNNING.add(process);
    process.onExit().thenRun(() -> RUNNING.remove(process));
    return process;
  }

  /** Reads what a program writes until its end. */
  public static String read(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return ""; // it was killed
    }
  }

  /**
   * Returns what it wrote to stdout.
   *
   * @throws ProcessException with all that it wrote to stderr when its exit code is not 0
   */
  public String orFail() {
    if (exitCode != 0) {
      throw new ProcessException(
          "%s failed with exit code %d: %s".formatted(String.join(" ", line), exitCode, errors));
    }
    return output;
  }

  /**
   * Returns what it wrote to stdout.
   *
   * @param exception made of a sentence that names the program and the last line that it wrote;
   *     thrown when its exit code is not 0
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
