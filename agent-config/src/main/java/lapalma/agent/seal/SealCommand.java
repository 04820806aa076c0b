package lapalma.agent.seal;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * Seals an app with its agent: finds out which classes the agent leaves alone, and makes one AOT
 * cache of the JDK (JEP 514) for both. docs/sealed.md describes it.
 */
public final class SealCommand {
  /** Older JDKs cache no classes of the agent's class loaders, and thus gain little. */
  static final int OLDEST_JDK = 25;

  private static final int FAILED = 1;
  private static final int USAGE = 2;
  private static final String HELP =
      """
      Usage: seal --ready WHEN [--warm-up URL]... [--output FOLDER] [--timeout SECONDS] -- COMMAND
      COMMAND starts the app with the agent attached: java -javaagent:agent.jar -jar app.jar
      WHEN is a URL that the app answers, or a regular expression of a line that it logs.
      --timeout says how long that may take; 300 by default.
      A URL to warm up with may contain $1, the expression's first group, such as a port.
      Then start the app with java @FOLDER/java.args; FOLDER is sealed by default.
      """;

  /**
   * Without the profiles of methods (JEP 515): with them, a JVM compiles the agent's one-time code
   * as soon as it runs, and ends up with slower code for requests. docs/sealed.md has the figures.
   */
  private static final String[] CLASSES_ONLY = {
    "-XX:+IgnoreUnrecognizedVMOptions", "-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTRecordTraining"
  };

  private static final Pattern JDK = Pattern.compile("java.specification.version = (\\d+)");
  private static final Pattern RECORDED = Pattern.compile("The agent leaves .*");

  private SealCommand() {}

  /** Runs the command and exits: 0 for success, 1 for a failure, 2 for wrong usage. */
  public static void main(String[] arguments) {
    System.exit(run(arguments, System.out));
  }

  /** Returns the exit code; {@code out} gets the progress and the reason of a failure. */
  public static int run(String[] arguments, PrintStream out) {
    String ready = "";
    List<String> warmUp = new ArrayList<>();
    Path folder = Path.of("sealed");
    Duration limit = Duration.ofMinutes(5);
    int i = 0;
    try {
      for (; i + 1 < arguments.length && !arguments[i].equals("--"); i += 2) {
        String value = arguments[i + 1];
        switch (arguments[i]) {
          case "--ready" -> ready = value;
          case "--warm-up" -> warmUp.add(value);
          case "--output" -> folder = Path.of(value);
          case "--timeout" -> limit = Duration.ofSeconds(Long.parseLong(value));
          default -> throw new SealException(arguments[i] + " is no option of seal.\n" + HELP);
        }
      }
      if (i >= arguments.length || ready.isEmpty()) {
        out.print(HELP);
        return USAGE;
      }
      Pattern.compile(ready);
      var command = StartCommand.of(List.of(arguments).subList(i + 1, arguments.length));
      seal(command, ready, warmUp, folder.toAbsolutePath(), limit, out);
      return 0;
    } catch (NumberFormatException | PatternSyntaxException e) {
      out.println(arguments[i] + " has a wrong value: " + e.getMessage());
      return USAGE;
    } catch (SealException e) {
      out.println(e.getMessage());
      return FAILED;
    } catch (IOException e) {
      out.println("The app cannot be sealed: " + e);
      return FAILED;
    }
  }

  private static void seal(
      StartCommand command,
      String ready,
      List<String> warmUp,
      Path folder,
      Duration limit,
      PrintStream out)
      throws IOException {
    Path arguments = folder.resolve("java.args");
    Files.createDirectories(folder);
    // Where no seal is made, this starts the app.
    ArgumentFile.write(arguments, "Starts the app with its agent.", command.arguments());
    Path work = Files.createTempDirectory(folder, "work");
    try (var backend = Backend.start()) {
      var run = new TrainingRun(command.java(), backend.environment(), work, limit, out);
      int jdk = jdk(run);
      if (jdk < OLDEST_JDK) {
        out.printf(
            "Not sealed: JDK %d cannot cache an agent's classes, JDK %d and newer can. java @%s"
                + " starts the app with its agent.%n",
            jdk, OLDEST_JDK, arguments);
        return;
      }
      Path seal = work.resolve("seal");
      Path classes = work.resolve("classes");
      Path cache = work.resolve("cache.aot");
      StartCommand training = command.forTraining();
      StartCommand sealed = command.forCache();
      if (command.agent().isPresent()) {
        out.println("1 of 2: all classes are loaded under the agent; the app does not run ...");
        out.println("  " + record(run, command, seal, classes));
        training =
            training
                .with(TrainingAgent.option(work, command.agent().get(), classes))
                .with(CLASSES_ONLY);
        sealed = sealed.with("-Dlapalma.seal=" + folder.resolve("seal"));
      } else {
        out.println("1 of 2: no agent is attached, so there is nothing to find out about it.");
      }
      out.println("2 of 2: the app runs, to make the cache of its classes ...");
      String output =
          run.ofApp(training.with("-XX:AOTCacheOutput=" + cache).arguments(), ready, warmUp);
      if (!Files.exists(cache)) {
        throw new SealException("The JVM made no cache. It said:%n%s".formatted(output));
      }
      // Each in one step: a JVM that starts meanwhile must not see half of it.
      for (Path made : List.of(seal, cache)) {
        if (Files.exists(made)) {
          Files.move(made, folder.resolve(made.getFileName()), StandardCopyOption.ATOMIC_MOVE);
        }
      }
      Path kept = folder.resolve(cache.getFileName());
      // Another JDK, which may not know the option, starts the app unsealed.
      sealed = sealed.with("-XX:+IgnoreUnrecognizedVMOptions", "-XX:AOTCache=" + kept);
      // This JVM ends with the reason if it cannot use the cache.
      run.withoutApp(sealed.with("-XX:AOTMode=on").argumentsWithoutApp());
      ArgumentFile.write(
          arguments, "Starts the app sealed: java @" + arguments, sealed.arguments());
      out.printf(
          "Sealed: the cache has %d MB. Start the app with java @%s%n",
          Files.size(kept) / 1_000_000, arguments);
    } finally {
      remove(work);
    }
  }

  private static int jdk(TrainingRun run) throws IOException {
    var version = JDK.matcher(run.withoutApp(List.of("-XshowSettings:properties", "-version")));
    if (!version.find()) {
      throw new SealException("The command's first word is no java: %s.".formatted(run.java()));
    }
    return Integer.parseInt(version.group(1));
  }

  /** Returns a sentence about what was found out. */
  private static String record(TrainingRun run, StartCommand command, Path seal, Path classes)
      throws IOException {
    String output =
        run.withoutApp(
            command
                .with(
                    "-Dlapalma.seal.record=" + seal,
                    "-Xlog:class+load:file=%s:none:filecount=0".formatted(classes))
                .argumentsWithoutApp());
    var recorded = RECORDED.matcher(output);
    if (!recorded.find()) {
      throw new SealException(
          "The agent has recorded nothing; is it that of this project? It said:%n%s"
              .formatted(output));
    }
    return recorded.group();
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }
}
