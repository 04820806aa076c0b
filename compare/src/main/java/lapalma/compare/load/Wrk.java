package lapalma.compare.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lapalma.compare.LabException;
import lapalma.compare.host.CpuPinning;
import lapalma.compare.host.WatchedProgram;
import lapalma.compare.plan.App;

/** The closed load: each connection sends its next request when the last one is answered. */
public final class Wrk {
  private static final Pattern REQUESTS =
      Pattern.compile("(\\d+) requests in ([0-9.]+)(ms|s|m)\\b");
  private static final Pattern BAD_STATUS = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");
  private static final Pattern BROKEN =
      Pattern.compile("Socket errors: connect (\\d+), read (\\d+), write (\\d+), timeout (\\d+)");

  private final CpuPinning pinning;

  public Wrk(CpuPinning pinning) {
    this.pinning = pinning;
  }

  /**
   * Runs the load to its end.
   *
   * @param seconds of the load
   * @param work the folder for the script of a load with two requests
   * @throws LabException when wrk fails or reports no requests
   */
  public Load run(String url, App.Load load, int seconds, Path work) {
    List<String> command =
        new ArrayList<>(
            List.of("wrk", "-t1", "-c" + load.connections(), "-d%ds".formatted(seconds)));
    if (load.post() != null) {
      command.addAll(List.of("-s", script(load.path(), load.post(), work).toString()));
    }
    command.add(url + load.path());
    var watched = WatchedProgram.run(pinning.onGenerator(command));
    return parse(watched.output(), watched.headroom());
  }

  private static Path script(String path, App.Request post, Path work) {
    Path file = work.resolve("mix.lua");
    try {
      return Files.writeString(
          file,
          """
          local sent = 0
          local requests
          function init()
            local json = { ["Content-Type"] = "application/json" }
            requests = { wrk.format("GET", "%s"), wrk.format("POST", "%s", json, [==[%s]==]) }
          end
          function request()
            sent = sent + 1
            return requests[sent %% 2 + 1]
          end
          """
              .formatted(path, post.path(), post.post()));
    } catch (IOException e) {
      throw LabException.because("%s cannot be written".formatted(file), e);
    }
  }

  static Load parse(String output, double headroom) {
    Matcher requests = REQUESTS.matcher(output);
    if (!requests.find()) {
      throw new LabException("wrk reported no requests: " + output.strip());
    }
    long failed = number(BAD_STATUS.matcher(output), 1) + number(BROKEN.matcher(output), 4);
    return new Load(
        Long.parseLong(requests.group(1)),
        Double.parseDouble(requests.group(2)) * secondsIn(requests.group(3)),
        failed,
        headroom);
  }

  private static double secondsIn(String unit) {
    return switch (unit) {
      case "ms" -> 0.001;
      case "m" -> 60;
      default -> 1;
    };
  }

  private static long number(Matcher matcher, int groups) {
    long sum = 0;
    if (matcher.find()) {
      for (int group = 1; group <= groups; group++) {
        sum += Long.parseLong(matcher.group(group));
      }
    }
    return sum;
  }
}
