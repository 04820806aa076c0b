package lapalma.compare.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The JDKs of this machine. */
public final class Jdks {
  private static final Path USUAL_PLACE = Path.of("/usr/lib/jvm");

  private Jdks() {}

  /** Returns the JDK that runs the lab. */
  public static Path own() {
    return Path.of(System.getProperty("java.home"));
  }

  /**
   * Finds the JDK of a major version: the lab's own, the one that {@code JDK<n>_HOME} names, or one
   * in the usual place.
   *
   * @param version 0 for the lab's own
   */
  public static Optional<Path> find(int version, Map<String, String> environment) {
    if (version == 0 || version == Runtime.version().feature()) {
      return Optional.of(own());
    }
    String named = environment.get("JDK%d_HOME".formatted(version));
    if (named != null) {
      return Optional.of(Path.of(named)).filter(Jdks::hasJava);
    }
    try (Stream<Path> folders = Files.list(USUAL_PLACE)) {
      return folders
          .filter(
              folder ->
                  ("-" + folder.getFileName() + "-").matches(".*-%d[.-].*".formatted(version)))
          .filter(Jdks::hasJava)
          .sorted()
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean hasJava(Path home) {
    return Files.isExecutable(home.resolve("bin/java"))
        && Files.isExecutable(home.resolve("bin/jcmd"));
  }
}
