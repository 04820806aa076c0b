package lapalma.compare.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lapalma.compare.LabException;
import lapalma.compare.host.CpuPinning;
import lapalma.compare.plan.App;

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
  List<String> attack(String url, App.Load load, int rate, int seconds, Path results) {
    Path targets = results.resolveSibling("targets.txt");
    try {
      String get = "GET %s%s\n".formatted(url, load.path());
      String mix = "";
      if (load.post() != null) {
        Path body =
            Files.writeString(results.resolveSibling("body.json"), load.post().post())
                .toAbsolutePath();
        mix =
            "\nPOST %s%s\nContent-Type: application/json\n@%s\n"
                .formatted(url, load.post().path(), body);
      }
      Files.writeString(targets, get + mix);
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
