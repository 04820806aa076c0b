package lapalma.compare.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lapalma.compare.LabException;
import lapalma.compare.host.CpuPinning;
import lapalma.compare.host.Project;
import lapalma.compare.host.Subprocess;
import lapalma.compare.plan.App;

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

  private static final int MOST_OF_VEGETA = 2000;

  private final Path program;
  private final CpuPinning pinning;

  OpenLoad(Path program, CpuPinning pinning) {
    this.program = program;
    this.pinning = pinning;
  }

  /**
   * Returns the generator for a load.
   *
   * @param rate requests per second: one core of Vegeta does not reach the larger ones
   */
  public static OpenLoad find(Project project, App.Load load, int rate, CpuPinning pinning) {
    // Fortio sends one request only.
    return rate > MOST_OF_VEGETA && load.post() == null
        ? new Fortio(project.generator("tools/fortio"), pinning)
        : new Vegeta(project.generator("compare/vegeta"), pinning);
  }

  /** Returns the generator's name and version. */
  public abstract String version();

  /** Returns the generator's arguments for an attack: see {@link #start}. */
  abstract List<String> attack(String url, App.Load load, int rate, int seconds, Path results);

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
   * @param rate requests per second
   * @param results the file for the requests; the generator's input is written beside it
   */
  public final Process start(String url, App.Load load, int rate, int seconds, Path results) {
    return Subprocess.start(
        new ProcessBuilder(command(attack(url, load, rate, seconds, results)))
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
