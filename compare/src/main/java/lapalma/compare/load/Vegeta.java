package lapalma.compare.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lapalma.compare.LabException;
import lapalma.compare.host.CpuPinning;

/**
 * A generator that opens a connection where none is free, so that no request waits for the answer
 * to another.
 */
final class Vegeta extends OpenLoad {
  Vegeta(Path program, CpuPinning pinning) {
    super(program, pinning);
  }

  @Override
  public String version() {
    return run("-version").lines().findFirst().orElse("").replace("Version:", "vegeta");
  }

  @Override
  List<String> attack(String url, String path, int rate, int seconds, Path results) {
    Path targets = results.resolveSibling("targets.txt");
    try {
      Files.writeString(targets, "GET " + url + path + "\n");
    } catch (IOException e) {
      throw LabException.because("%s cannot be written".formatted(targets), e);
    }
    return List.of(
        "attack",
        "-targets=" + targets,
        "-rate=%d/s".formatted(rate),
        "-duration=%ds".formatted(seconds),
        "-timeout=20s",
        "-max-body=0",
        "-output=" + results);
  }

  @Override
  List<Hit> read(Path results) {
    return parse(run("encode", "--to", "csv", results.toString()));
  }

  static List<Hit> parse(String csv) {
    return csv.lines()
        .map(line -> line.split(",", 4))
        .map(
            fields ->
                new Hit(
                    Long.parseLong(fields[0]),
                    Integer.parseInt(fields[1]),
                    Long.parseLong(fields[2])))
        .toList();
  }
}
