package lapalma.agent.seal;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * Loads the classes that the OpenTelemetry agent would load and changes none, so the JVM caches
 * them.
 *
 * <p>The JVM caches no class that an agent has changed. The agent's own classes lie in its jar
 * under another file extension, and its own class loaders define them. The JVM caches classes of
 * such loaders by name and content, and takes them from there when a loader defines the same bytes
 * ("unregistered classes", JDK 25).
 */
public final class TrainingAgent {
  private static final String LOADER = "io.opentelemetry.javaagent.bootstrap.AgentClassLoader";
  private static final String EXTENSIONS =
      "io.opentelemetry.javaagent.tooling.ExtensionClassLoader";
  private static final String CLASSES_IN_JAR = "inst/";
  private static final String SOURCE = " source: ";
  private static final String SEPARATOR = "|";

  /** The first class that is loaded when the agent has started and the app's are to be loaded. */
  private static final String STARTED = "lapalma.agent.seal.Jars" + SOURCE;

  /** A reference that keeps the loaders' classes until the cache is written. */
  @SuppressWarnings("unused")
  private static ClassLoader extensionLoader;

  private TrainingAgent() {}

  /**
   * Returns the option that attaches this.
   *
   * @param work the folder for the jar in which the JVM wants it
   * @param classes what a JVM with the agent has loaded, as {@code -Xlog:class+load} writes it
   */
  static String option(Path work, Path agent, Path classes) throws IOException {
    Path jar = work.resolve("training.jar");
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Premain-Class", TrainingAgent.class.getName());
    String self = TrainingAgent.class.getSimpleName() + ".class";
    try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest);
        var in = TrainingAgent.class.getResourceAsStream(self)) {
      out.putNextEntry(new JarEntry(TrainingAgent.class.getName().replace('.', '/') + ".class"));
      in.transferTo(out);
    }
    return "-javaagent:%s=%s".formatted(jar, agent + SEPARATOR + classes);
  }

  /** Called by the JVM before any main method, with what {@link #option} ends with. */
  public static void premain(String argument) throws Exception {
    String[] parts = argument.split("\\" + SEPARATOR);
    var agent = new File(parts[0]);
    // The agent's jar is on the boot class path, as at a real start.
    var agentLoader =
        Class.forName(LOADER, true, null)
            .asSubclass(ClassLoader.class)
            .getConstructor(File.class, String.class, boolean.class)
            .newInstance(agent, CLASSES_IN_JAR, false);
    extensionLoader =
        (ClassLoader)
            agentLoader
                .loadClass(EXTENSIONS)
                .getMethod("getInstance", ClassLoader.class, File.class, boolean.class)
                .invoke(null, agentLoader, agent, false);
    load(Path.of(parts[1]), agent, agentLoader);
  }

  private static void load(Path classes, File agent, ClassLoader agentLoader) throws IOException {
    String inAgent = agent.toURI().toString();
    boolean started = false;
    for (String line : Files.readAllLines(classes)) {
      started |= line.startsWith(STARTED);
      int end = line.indexOf(SOURCE);
      if (end < 0) {
        continue;
      }
      String name = line.substring(0, end).strip();
      String source = line.substring(end + SOURCE.length());
      if (source.equals(inAgent)) {
        link(name, agentLoader);
      } else if (source.startsWith("otel:")) {
        link(name, extensionLoader);
      } else if (source.equals(agent.toString()) || (isOfTheJdk(source) && !started)) {
        link(name, ClassLoader.getPlatformClassLoader());
      }
    }
  }

  private static boolean isOfTheJdk(String source) {
    return source.startsWith("jrt:")
        || source.endsWith("modules")
        || source.equals("shared objects file");
  }

  /** Links a class, because only linked classes are cached. The real run initializes it. */
  private static void link(String name, ClassLoader loader) {
    try {
      // A request for its methods links a class.
      var unused = Class.forName(name, false, loader).getDeclaredMethods();
    } catch (ReflectiveOperationException | LinkageError e) {
      // The class was made at run time, or needs one that is missing: it is not cached.
      return;
    }
  }
}
