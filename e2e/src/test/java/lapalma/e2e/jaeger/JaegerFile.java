package lapalma.e2e.jaeger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import lapalma.process.Command;
import lapalma.stack.Project;

/** A configuration file of {@code jaeger/} for the Jaeger that the tests run. */
public final class JaegerFile {
  private static final Pattern VERSION = Pattern.compile("v(\\d+)\\.(\\d+)\\.\\d+");

  /** The minor version of 2 that takes a list of topics. */
  private static final int TAKES_TOPICS = 16;

  private JaegerFile() {}

  /**
   * Returns the file itself, or a copy in {@code folder} where this Jaeger is too old for it: the
   * Go proxy has no version as new as the deployed one.
   *
   * @param file relative to the project's root
   */
  public static String of(Project project, String file, Path folder) {
    if (minorVersion(project) >= TAKES_TOPICS) {
      return file;
    }
    Command adapted =
        Command.run(
            project.root(),
            Map.of(),
            List.of("sed", "-f", "e2e/scale/jaeger-before-2.16.sed", file));
    Path copy = folder.resolve(Path.of(file).getFileName());
    try {
      return Files.writeString(copy, adapted.output() + "\n").toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int minorVersion(Project project) {
    Command said =
        Command.run(project.root(), Map.of(), List.of(project.jaeger().toString(), "version"));
    var version = VERSION.matcher(said.output() + said.errors());
    if (!version.find()) {
      throw new IllegalStateException("No version in what Jaeger says of itself: " + said);
    }
    return Integer.parseInt(version.group(2));
  }
}
