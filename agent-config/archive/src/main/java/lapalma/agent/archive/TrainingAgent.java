package lapalma.agent.archive;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Loads the classes that the OpenTelemetry agent would load and changes none, so the JVM archives
 * them.
 *
 * <p>The agent's own classes lie in its jar under another file extension, and its own class loader
 * defines them. The JVM archives classes of such loaders by name and content. It takes them from
 * the archive when a loader defines the same bytes ("unregistered classes", JDK 25).
 */
public final class TrainingAgent {
  private static final String LOADER = "io.opentelemetry.javaagent.bootstrap.AgentClassLoader";
  private static final String CLASSES_IN_JAR = "inst/";
  private static final String SOURCE = " source: ";
  private static final String SEPARATOR = "|";

  /** A reference that keeps the loader's classes until the archive is written. */
  @SuppressWarnings("unused")
  private static ClassLoader agentLoader;

  private TrainingAgent() {}

  static String argument(Path self, Path agent, Path classes) {
    return "-javaagent:%s=%s".formatted(self, agent + SEPARATOR + classes);
  }

  /** Called by the JVM before any main method, with the result of {@link #argument}. */
  public static void premain(String argument) throws Exception {
    String[] parts = argument.split("\\" + SEPARATOR);
    var agent = new File(parts[0]);
    // The agent's jar is on the boot class path, as at a real start.
    agentLoader =
        (ClassLoader)
            Class.forName(LOADER, true, null)
                .getConstructor(File.class, String.class, boolean.class)
                .newInstance(agent, CLASSES_IN_JAR, false);
    load(Path.of(parts[1]), agent);
  }

  private static void load(Path classes, File agent) throws IOException {
    String inAgent = agent.toURI().toString();
    for (String line : Files.readAllLines(classes)) {
      int end = line.indexOf(SOURCE);
      if (end < 0) {
        continue;
      }
      String name = line.substring(0, end).strip();
      String source = line.substring(end + SOURCE.length());
      ClassLoader loader;
      if (source.equals(inAgent)) {
        loader = agentLoader;
      } else if (isOfTheJdk(source) || source.equals(agent.toString())) {
        loader = ClassLoader.getPlatformClassLoader();
      } else {
        continue; // a class of the app, or one that was made at run time
      }
      link(name, loader);
    }
  }

  private static boolean isOfTheJdk(String source) {
    return source.startsWith("jrt:")
        || source.endsWith("modules")
        || source.equals("shared objects file");
  }

  /** Links a class, because only linked classes are archived. The real run initializes it. */
  private static void link(String name, ClassLoader loader) {
    try {
      // A request for its methods links a class.
      var unused = Class.forName(name, false, loader).getDeclaredMethods();
    } catch (ReflectiveOperationException | LinkageError e) {
      // The class was made at run time, or needs one that is missing: it is not archived.
      return;
    }
  }
}
