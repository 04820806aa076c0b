package lapalma.agent.archive;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Loads what the OpenTelemetry agent would load, and changes no class: so the JVM archives it.
 *
 * <p>The agent's own classes lie in its jar under another ending and are defined by its own class
 * loader. The JVM archives classes of such loaders by name and content, and takes them from there
 * when a loader defines the same bytes ("unregistered classes", JDK 25).
 */
public final class TrainingAgent {
  private static final String LOADER = "io.opentelemetry.javaagent.bootstrap.AgentClassLoader";
  private static final String CLASSES_IN_JAR = "inst/";
  private static final String SOURCE = " source: ";
  private static final String SEPARATOR = "|";

  /** Kept, so that its classes are still there when the archive is written. */
  @SuppressWarnings("unused")
  private static ClassLoader agentLoader;

  private TrainingAgent() {}

  static String argument(Path self, Path agent, Path classes) {
    return "-javaagent:%s=%s".formatted(self, agent + SEPARATOR + classes);
  }

  /** The JVM calls it before any main, with what {@link #argument} gave. */
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
        continue; // of the app, or made at run time
      }
      link(name, loader);
    }
  }

  private static boolean isOfTheJdk(String source) {
    return source.startsWith("jrt:")
        || source.endsWith("modules")
        || source.equals("shared objects file");
  }

  /** Not initialized: that is for the real run. Only linked classes are archived. */
  private static void link(String name, ClassLoader loader) {
    try {
      // Asking for methods links a class.
      var unused = Class.forName(name, false, loader).getDeclaredMethods();
    } catch (ReflectiveOperationException | LinkageError e) {
      // A class that was made at run time, or one that needs what is not there: not archived.
      return;
    }
  }
}
