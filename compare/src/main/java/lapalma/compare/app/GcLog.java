package lapalma.compare.app;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lapalma.compare.LabException;

/** Reads the serial collector's work from the JVM's unified log. */
public final class GcLog {
  /**
   * Logs each generation too: its line has kilobytes, where the line of the pause has megabytes.
   */
  static final String ARGUMENT = "-Xlog:gc,gc+heap=info:file=";

  // GC(57) DefNew: 8092K(19648K)->0K(19648K) Eden: …
  // GC(57) Tenured: 2311K(43712K)->2311K(43712K)
  // GC(57) Pause Full (Diagnostic Command) 10M->2M(61M) 5.986ms
  private static final Pattern COLLECTION =
      Pattern.compile(
          "GC\\((\\d+)\\) DefNew: (\\d+)K\\(\\d+K\\)->(\\d+)K.*\\R"
              + ".*GC\\(\\1\\) Tenured: (\\d+)K\\(\\d+K\\)->(\\d+)K(?:.*\\R)+?"
              + ".*GC\\(\\1\\) Pause (.*) \\d+M->\\d+M\\(\\d+M\\) ([0-9.]+)ms");
  private static final String ASKED_FOR = "(Diagnostic Command)";

  private record Pause(boolean askedFor, long before, long after, double millis) {}

  /**
   * The collector's work between two collections that the lab requested.
   *
   * @param allocated bytes
   * @param live bytes in use at the end
   * @param millis the total time of the collections that the JVM began by itself
   */
  public record Interval(long allocated, long live, double millis) {}

  private GcLog() {}

  /** Returns the work between the last two collections that the lab requested. */
  public static Interval lastInterval(String log) {
    List<Pause> pauses = pauses(log);
    int end = lastAskedFor(pauses, pauses.size() - 1);
    int begin = lastAskedFor(pauses, end - 1);
    if (begin < 0) {
      throw new LabException(
          "The collector's log lacks the two collections that the lab requested.");
    }
    long allocated = 0;
    for (int i = begin + 1; i <= end; i++) {
      allocated += pauses.get(i).before() - pauses.get(i - 1).after();
    }
    List<Pause> own = pauses.subList(begin + 1, end);
    return new Interval(
        allocated, pauses.get(end).after(), own.stream().mapToDouble(Pause::millis).sum());
  }

  private static int lastAskedFor(List<Pause> pauses, int from) {
    for (int i = from; i >= 0; i--) {
      if (pauses.get(i).askedFor()) {
        return i;
      }
    }
    return -1;
  }

  private static List<Pause> pauses(String log) {
    List<Pause> pauses = new ArrayList<>();
    Matcher line = COLLECTION.matcher(log);
    while (line.find()) {
      pauses.add(
          new Pause(
              line.group(6).endsWith(ASKED_FOR),
              bytes(line.group(2)) + bytes(line.group(4)),
              bytes(line.group(3)) + bytes(line.group(5)),
              Double.parseDouble(line.group(7))));
    }
    return pauses;
  }

  private static long bytes(String kilobytes) {
    return Long.parseLong(kilobytes) * 1024;
  }
}
