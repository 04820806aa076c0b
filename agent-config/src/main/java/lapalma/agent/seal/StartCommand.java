package lapalma.agent.seal;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The command that starts an app.
 *
 * @param java the program
 * @param options of the JVM, without the class path
 * @param classPath as the option names it, with absolute paths; a jar if {@code runsJar}
 * @param program the main class, unless a jar is run, and what the app is given
 */
record StartCommand(
    String java, List<String> options, String classPath, boolean runsJar, List<String> program) {
  private static final String AGENT = "-javaagent:";
  private static final String BOOT_CLASS_PATH = "-Xbootclasspath/a:";
  private static final Set<String> CLASS_PATH = Set.of("-cp", "-classpath", "--class-path");
  private static final Set<String> MODULES = Set.of("-p", "--module-path", "-m", "--module");

  /** Options whose value is the next word. */
  private static final Set<String> WITH_VALUE =
      Set.of(
          "--add-modules",
          "--add-opens",
          "--add-exports",
          "--add-reads",
          "--limit-modules",
          "--enable-native-access",
          "--patch-module",
          "--upgrade-module-path",
          "--source");

  /**
   * Reads a command.
   *
   * @throws SealException if its app cannot be sealed
   */
  static StartCommand of(List<String> words) throws IOException {
    if (words.size() < 2) {
      throw new SealException("Name the command that starts the app, after --: java -jar app.jar");
    }
    Iterator<String> rest = expanded(words).iterator();
    String java = rest.next();
    List<String> options = new ArrayList<>();
    String classPath = System.getenv().getOrDefault("CLASSPATH", ".");
    boolean runsJar = false;
    List<String> program = new ArrayList<>();
    while (rest.hasNext()) {
      String word = rest.next();
      if (CLASS_PATH.contains(word)) {
        classPath = rest.next();
      } else if (word.startsWith("--class-path=")) {
        classPath = word.substring("--class-path=".length());
      } else if (MODULES.contains(word.split("=")[0])) {
        throw new SealException("An app on the module path cannot be sealed: start it with -cp.");
      } else if (word.equals("-jar")) {
        runsJar = true;
        classPath = rest.next();
        break;
      } else if (!word.startsWith("-")) {
        program.add(word);
        break;
      } else {
        options.add(word.startsWith(AGENT) ? absoluteAgent(word) : word);
        if (WITH_VALUE.contains(word)) {
          options.add(rest.next());
        }
      }
    }
    rest.forEachRemaining(program::add);
    if (!runsJar && program.isEmpty()) {
      throw new SealException("The command names neither a jar to run nor a main class.");
    }
    var command = new StartCommand(java, options, absolute(classPath), runsJar, program);
    command.requireJars();
    return command;
  }

  private static List<String> expanded(List<String> words) throws IOException {
    List<String> expanded = new ArrayList<>();
    for (String word : words) {
      if (word.startsWith("@")) {
        expanded.addAll(ArgumentFile.read(Path.of(word.substring(1))));
      } else {
        expanded.add(word);
      }
    }
    return expanded;
  }

  /** The JVM compares the class path with the one of its cache. */
  private static String absolute(String classPath) {
    return Arrays.stream(classPath.split(File.pathSeparator))
        .map(StartCommand::absolutePath)
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Of the agent's own classes, a JVM takes those from its cache whose jar has the same path. */
  private static String absoluteAgent(String option) {
    int end = (option + "=").indexOf('=');
    return AGENT + absolutePath(option.substring(AGENT.length(), end)) + option.substring(end);
  }

  private static String absolutePath(String path) {
    return Path.of(path).toAbsolutePath().normalize().toString();
  }

  private void requireJars() throws IOException {
    for (String entry : classPath.split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        throw new SealException(
            "%s is a folder, and the JVM caches classes of jars only: pack it into a jar."
                .formatted(path));
      }
      if (runsJar && !Files.isReadable(path)) {
        throw new SealException("There is no jar %s: build it first.".formatted(path));
      }
      if (runsJar && isFat(path)) {
        throw new SealException(
            ("%1$s has its libraries as jars inside, whose classes the JVM cannot cache: run"
                    + " java -Djarmode=tools -jar %1$s extract and seal the jar that it writes.")
                .formatted(path));
      }
    }
  }

  private static boolean isFat(Path jar) throws IOException {
    try (var open = new JarFile(jar.toFile())) {
      return open.getEntry("BOOT-INF/") != null || open.getEntry("WEB-INF/lib/") != null;
    } catch (java.util.zip.ZipException e) {
      throw new SealException("%s is no jar: %s.".formatted(jar, e.getMessage()));
    }
  }

  Optional<Path> agent() {
    return options.stream()
        .filter(option -> option.startsWith(AGENT))
        .map(option -> Path.of(option.substring(AGENT.length()).split("=")[0]))
        .findFirst();
  }

  /**
   * With what lets the JVM use a cache under the agent, which must be on the boot class path from
   * the start. An agent whose manifest names itself there is.
   */
  StartCommand forCache() throws IOException {
    if (agent().isEmpty()) {
      return this;
    }
    StartCommand withModule = with(List.of("--add-modules=java.instrument"), options);
    return isOnBootClassPath() || agentNamesItself()
        ? withModule
        : withModule.with(bootClassPath());
  }

  /** Without the agent, and with the same boot class path, which the JVM compares. */
  StartCommand forTraining() {
    if (agent().isEmpty()) {
      return this;
    }
    var training =
        new StartCommand(
            java,
            options.stream().filter(option -> !option.startsWith(AGENT)).toList(),
            classPath,
            runsJar,
            program);
    return isOnBootClassPath() ? training : training.with(bootClassPath());
  }

  private String bootClassPath() {
    return BOOT_CLASS_PATH + agent().orElseThrow();
  }

  private boolean isOnBootClassPath() {
    return options.contains(bootClassPath());
  }

  private boolean agentNamesItself() throws IOException {
    Path agent = agent().orElseThrow();
    try (var jar = new JarFile(agent.toFile())) {
      String names = jar.getManifest().getMainAttributes().getValue("Boot-Class-Path");
      return names != null && agent.resolveSibling(names).equals(agent);
    }
  }

  /** With more options of the JVM, which it obeys rather than those that are there. */
  StartCommand with(String... more) {
    return with(options, List.of(more));
  }

  private StartCommand with(List<String> first, List<String> second) {
    return new StartCommand(
        java, Stream.concat(first.stream(), second.stream()).toList(), classPath, runsJar, program);
  }

  /** What the program {@code java} is given. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>(options);
    arguments.addAll(List.of(runsJar ? "-jar" : "-cp", classPath));
    arguments.addAll(program);
    return arguments;
  }

  /** The same JVM with the same class path, which does not run the app. */
  List<String> argumentsWithoutApp() {
    List<String> arguments = new ArrayList<>(options);
    arguments.addAll(List.of("-cp", classPath, "-version"));
    return arguments;
  }
}
