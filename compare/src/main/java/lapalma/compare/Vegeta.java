package lapalma.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The open load: requests at a fixed rate, sent whether or not earlier ones are answered. */
final class Vegeta {
  /** One request as vegeta's CSV has it; times in nanoseconds. */
  record Hit(long sent, int status, long latency) {}

  private final Path program;
  private final Cores cores;

  Vegeta(Path program, Cores cores) {
    this.program = program;
    this.cores = cores;
  }

  /**
   * Starts the attack.
   *
   * @param paths that take turns, with their slash
   * @param results where they go; what vegeta reads is written beside it
   */
  Process start(String url, List<String> paths, int rate, int seconds, Path results) {
    Path targets = results.resolveSibling("targets.txt");
    try {
      Files.write(targets, paths.stream().map(path -> "GET " + url + path).toList());
    } catch (IOException e) {
      throw new LabException("%s cannot be written.".formatted(targets), e);
    }
    return Commands.start(
        new ProcessBuilder(
                cores.onGenerator(
                    List.of(
                        program.toString(),
                        "attack",
                        "-targets=" + targets,
                        "-rate=%d/s".formatted(rate),
                        "-duration=%ds".formatted(seconds),
                        "-timeout=20s",
                        "-max-body=0",
                        "-output=" + results)))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD));
  }

  /** Waits for the end of the attack and reads what became of each request. */
  List<Hit> finish(Process attack, int seconds, Path results) {
    try {
      if (!attack.waitFor(seconds + 60L, TimeUnit.SECONDS) || attack.exitValue() != 0) {
        attack.destroyForcibly();
        throw new LabException("vegeta failed.");
      }
      String csv =
          Commands.run(
              cores.onGenerator(
                  List.of(program.toString(), "encode", "--to", "csv", results.toString())));
      Files.delete(results);
      return parse(csv);
    } catch (IOException e) {
      throw new LabException("vegeta's results cannot be removed.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("Interrupted.", e);
    }
  }

  /** The requests in the order in which they were sent. */
  static List<Hit> parse(String csv) {
    List<Hit> hits = new ArrayList<>();
    csv.lines()
        .forEach(
            line -> {
              String[] fields = line.split(",", 4);
              hits.add(
                  new Hit(
                      Long.parseLong(fields[0]),
                      Integer.parseInt(fields[1]),
                      Long.parseLong(fields[2])));
            });
    hits.sort(Comparator.comparingLong(Hit::sent));
    return hits;
  }
}
