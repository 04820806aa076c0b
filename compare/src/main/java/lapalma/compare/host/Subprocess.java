package lapalma.compare.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import lapalma.compare.LabException;

/** Runs programs, and ends those that still run when the lab ends. */
public final class Subprocess {
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> RUNNING.forEach(Process::destroyForcibly), "end-programs"));
  }

  private Subprocess() {}

  /**
   * @throws LabException when a program is not on the PATH, naming the Debian package that has it
   */
  public static void require(String program, String debianPackage) {
    boolean there =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    if (!there) {
      throw new LabException(
          "%s is needed: install it (Debian's package is %s).".formatted(program, debianPackage));
    }
  }

  public static Process start(ProcessBuilder builder) {
    try {
      Process process = builder.start();
      RUNNING.add(process);
      process.onExit().thenRun(() -> RUNNING.remove(process));
      return process;
    } catch (IOException e) {
      throw new LabException(
          "%s cannot be run: %s".formatted(builder.command().get(0), LabException.firstLine(e)), e);
    }
  }

  /** Runs a program to its end and returns what it printed. */
  public static String run(List<String> command) {
    return run(command, Path.of("").toAbsolutePath());
  }

  public static String run(List<String> command, Path folder) {
    Process process = start(new ProcessBuilder(command).directory(folder.toFile()));
    var output = CompletableFuture.supplyAsync(() -> text(process.getInputStream()));
    var errors = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
    try {
      process.getOutputStream().close();
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new LabException(
            "'%s' had not ended after %d min."
                .formatted(String.join(" ", command), LIMIT.toMinutes()));
      }
    } catch (IOException e) {
      throw new LabException("'%s' failed.".formatted(String.join(" ", command)), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("Interrupted.", e);
    }
    if (process.exitValue() != 0) {
      throw new LabException(
          "'%s' failed: %s"
              .formatted(
                  String.join(" ", command), lastLine(errors.join() + "\n" + output.join())));
    }
    return output.join();
  }

  /** What a program prints until its end. */
  static String text(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return ""; // it was ended
    }
  }

  private static String lastLine(String text) {
    return text.lines()
        .filter(line -> !line.isBlank())
        .reduce((first, second) -> second)
        .orElse("it printed nothing");
  }
}
