package lapalma.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The rules with shorter windows, so that minutes show what otherwise takes an hour.
 *
 * @param speed the divisor of the windows, from 1 to 60: 1 leaves the rules as they are, 20 makes
 *     15 s of 5m
 */
public record Rules(int speed) {
  public static final Rules AS_WRITTEN = new Rules(1);

  /** Above it, the minute after which Prometheus repeats an alert would become 0 s. */
  private static final int MOST = 60;

  /**
   * A window or an offset in an expression, an interval, or the time for which an alert must hold:
   * 5m, or 23h30m.
   */
  private static final Pattern DURATION =
      Pattern.compile("(\\[|offset |for: |interval: |_timeout: |group_wait: )((?:\\d+[smhd])+)");

  private static final Pattern PART = Pattern.compile("(\\d+)([smhd])");

  public Rules {
    if (speed < 1 || speed > MOST) {
      throw new IllegalArgumentException(
          "The speed of the rules is %d: set it to a whole number from 1 to %d."
              .formatted(speed, MOST));
    }
  }

  /** Copies every file of a folder, and deletes the files of an earlier copy. */
  public void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    for (Path former : list(to)) {
      Files.delete(former);
    }
    for (Path file : list(from)) {
      copyFile(file, to.resolve(file.getFileName()));
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  public Path copyFile(Path from, Path to) throws IOException {
    List<String> lines = Files.readAllLines(from).stream().map(this::accelerate).toList();
    return Files.write(to, lines);
  }

  String accelerate(String line) {
    if (speed == 1 || line.strip().startsWith("#")) {
      return line;
    }
    return DURATION
        .matcher(line)
        .replaceAll(
            match -> {
              long seconds =
                  PART.matcher(match.group(2))
                      .results()
                      .mapToLong(part -> seconds(part.group(1), part.group(2)))
                      .sum();
              return Matcher.quoteReplacement(match.group(1) + Math.max(1, seconds / speed) + "s");
            });
  }

  private static long seconds(String count, String unit) {
    return Long.parseLong(count)
        * switch (unit) {
          case "s" -> 1L;
          case "m" -> 60L;
          case "h" -> 3600L;
          default -> 86_400L;
        };
  }
}
