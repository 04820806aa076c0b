package lapalma.stack;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lapalma.process.Children;

/**
 * The files of the repository, and the files that the build makes.
 *
 * @param root the repository's root
 * @param jaeger the Jaeger program
 * @param prometheus the Prometheus program
 * @param victoriaLogs the VictoriaLogs program
 */
public record Project(Path root, Path jaeger, Path prometheus, Path victoriaLogs) {
  /** The exit code of tools/find-program --present if the program is missing. */
  private static final int NOT_PRESENT = 3;

  /**
   * Finds the programs and installs missing ones, which takes minutes the first time.
   *
   * @throws StackException when the build's results are missing or a program cannot be installed
   */
  public static Project at(Path root) {
    Path absolute = root.toAbsolutePath().normalize();
    var project =
        new Project(
            absolute,
            findProgram(absolute, "jaeger"),
            findProgram(absolute, "prometheus"),
            findProgram(absolute, "victorialogs"));
    if (!Files.exists(project.diceJar()) || !Files.exists(project.attachArgs())) {
      throw new StackException("Nothing is built in %s: run make build.".formatted(absolute));
    }
    return project;
  }

  public Path diceJar() {
    return root.resolve("dice-undertow/target/dice.jar");
  }

  /** The folder with all files that attach the agent. */
  public Path attach() {
    return attach(root);
  }

  /** Returns the folder in a repository whose programs are not needed, and looks for none. */
  static Path attach(Path root) {
    return root.resolve("agent-config/target/attach");
  }

  /** The JVM argument file that attaches the agent. */
  public Path attachArgs() {
    return attach().resolve("jvm.args");
  }

  /** The JVM argument file that shortens the start under the agent. */
  public Path fastStartArgs() {
    return attach().resolve("fast-start.args");
  }

  /** The JVM argument file that starts dice sealed with its agent, if tools/seal-dice made it. */
  public Path sealedArgs() {
    return attach().resolve("sealed/java.args");
  }

  /** Returns the {@code java} that runs this program. The apps run on the same. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  public static Path findProgram(Path root, String folder) {
    return findProgram(root, List.of(folder)).orElseThrow();
  }

  /** Returns a program that is on this machine already, without installing one. */
  static Optional<Path> findPresentProgram(Path root, String folder) {
    return findProgram(root, List.of("--present", folder));
  }

  private static Optional<Path> findProgram(Path root, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(root.resolve("tools/find-program").toString());
    command.addAll(arguments);
    String folder = arguments.get(arguments.size() - 1);
    try {
      Process process =
          Children.start(
              "the search for " + folder,
              new ProcessBuilder(command)
                  .directory(root.toFile())
                  .redirectError(ProcessBuilder.Redirect.INHERIT));
      try (BufferedReader output = process.inputReader()) {
        String path = output.readLine();
        int exit = process.waitFor();
        if (exit == NOT_PRESENT) {
          return Optional.empty();
        }
        if (exit != 0 || path == null) {
          throw new StackException("%s cannot be installed: see above.".formatted(folder));
        }
        return Optional.of(Path.of(path));
      }
    } catch (IOException e) {
      throw new StackException("tools/find-program cannot be run: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("Interrupted while looking for " + folder);
    }
  }
}
