package lapalma.compare.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lapalma.compare.LabException;
import lapalma.compare.host.CpuPinning;
import lapalma.compare.plan.App;

/**
 * A generator for rates near saturation. It sends many times as much from one core as {@link
 * Vegeta}, over a fixed number of connections.
 */
final class Fortio extends OpenLoad {
  /** So many that one of them is nearly always free. */
  private static final int CONNECTIONS = 64;

  /** A line of Fortio's access log, which is in InfluxDB's line protocol. */
  private static final Pattern LINE =
      Pattern.compile("value=([0-9.]+),details=\"(-?\\d+)\" (\\d+)");

  Fortio(Path program, CpuPinning pinning) {
    super(program, pinning);
  }

  @Override
  public String version() {
    return "Fortio " + run("version").strip();
  }

  @Override
  List<String> attack(String url, App.Load load, int rate, int seconds, Path results) {
    return List.of(
        "load",
        // Fortio spreads the requests of each connection, except the last, over the whole time.
        "-qps=" + (rate + (double) CONNECTIONS / seconds),
        "-uniform",
        "-c=" + CONNECTIONS,
        "-t=%ds".formatted(seconds),
        "-timeout=20s",
        "-loglevel=error",
        "-access-log-file=" + results,
        "-access-log-format=influx",
        url + load.path());
  }

  @Override
  List<Hit> read(Path results) {
    try (Stream<String> lines = Files.lines(results)) {
      return lines.map(Fortio::parse).toList();
    } catch (IOException e) {
      throw LabException.because("%s cannot be read".formatted(results), e);
    }
  }

  static Hit parse(String line) {
    Matcher request = LINE.matcher(line);
    if (!request.find()) {
      throw new LabException("Fortio logged a line that is not a request: " + line);
    }
    return new Hit(
        Long.parseLong(request.group(3)),
        Integer.parseInt(request.group(2)),
        Math.round(Double.parseDouble(request.group(1)) * 1e9));
  }
}
