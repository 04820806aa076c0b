package lapalma.compare.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lapalma.compare.LabException;
import lapalma.compare.host.CpuPinning;
import lapalma.compare.host.Subprocess;

/** Sends requests at a fixed rate, whether or not earlier ones are answered. */
public abstract sealed class OpenLoad permits Vegeta, Fortio {
  /**
   * One request.
   *
   * @param sent nanoseconds since 1970
   * @param status of the answer, below 100 where there was none
   * @param latency nanoseconds
   */
  public record Hit(long sent, int status, long latency) {}

  private final Path program;
  private final CpuPinning pinning;

  OpenLoad(Path program, CpuPinning pinning) {
    this.program = program;
    this.pinning = pinning;
  }

  /** Returns the generator's name and version. */
  abstract String version();

  /** Returns the generator's arguments for an attack: see {@link #start}. */
  abstract List<String> attack(String url, List<String> paths, int rate, int seconds, Path results);

  /** Reads the requests from the generator's results. */
  abstract List<Hit> read(Path results);

  /** Runs the generator to its end and returns its output. */
  final String run(String... arguments) {
    return Subprocess.run(command(List.of(arguments)));
  }

  private List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(arguments);
    return pinning.onGenerator(command);
  }

  /**
   * Starts the attack.
   *
   * @param paths to which requests go in turn, each with its slash
   * @param rate requests per second
   * @param results the file for the requests; the generator's input is written beside it
   */
  public final Process start(String url, List<String> paths, int rate, int seconds, Path results) {
    return Subprocess.start(
        new ProcessBuilder(command(attack(url, paths, rate, seconds, results)))
            .redirectErrorStream(true)
            .redirectOutput(log(results).toFile()));
  }

  private static Path log(Path results) {
    return results.resolveSibling("open-load.log");
  }

  /**
   * Waits for the end of the attack; returns its requests, in any order.
   *
   * @param seconds of the attack
   * @throws LabException when the generator fails, or still runs a minute after the attack
   */
  public final List<Hit> finish(Process attack, int seconds, Path results) {
    try {
      if (!attack.waitFor(seconds + 60L, TimeUnit.SECONDS)) {
        attack.destroyForcibly();
        throw new LabException(
            "%s still ran a minute after the load: %s".formatted(version(), lastLine(results)));
      }
      if (attack.exitValue() != 0) {
        throw new LabException(
            "%s ended with exit code %d: %s"
                .formatted(version(), attack.exitValue(), lastLine(results)));
      }
      List<Hit> hits = read(results);
      Files.delete(results);
      return hits;
    } catch (IOException e) {
      throw LabException.because("%s cannot be removed".formatted(results), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("Interrupted.", e);
    }
  }

  private static String lastLine(Path results) throws IOException {
    return Files.readString(log(results)).lines().reduce("no output", (first, second) -> second);
  }
}
