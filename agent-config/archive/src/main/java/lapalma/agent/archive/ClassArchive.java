package lapalma.agent.archive;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Makes the class archive with which a JVM starts under the agent in a fraction of the time.
 *
 * <p>The JDK's AOT cache (JEP 483) takes no classes from a run in which an agent has changed
 * classes. Therefore a run of the app under the agent only lists the loaded classes. Then {@link
 * TrainingAgent} loads those of the agent and of the JDK in a JVM that runs neither app nor agent.
 *
 * <p>The app's own classes are left out. Before 25.0.4, the JDK does not compare the app's jar with
 * the archived one (JDK-8377932), so it would run the old classes of a new jar. Also, the JVM has
 * archived classes of the app before the agent can add fields to them, which makes requests slower.
 */
public final class ClassArchive {
  /** Older JDKs archive no classes of the agent's class loader, and thus gain nothing. */
  static final int OLDEST_JDK = 25;

  private static final int FAILED = 1;
  private static final int USAGE = 2;
  private static final String NO_AGENT = "--no-agent";

  private ClassArchive() {}

  /**
   * {@code [--no-agent] ARCHIVE APP.jar [PATH…]}: writes ARCHIVE, for {@code
   * -XX:SharedArchiveFile=ARCHIVE} with the same {@code java} and the same agent. APP must listen
   * on the port in the variable {@code PORT}; each PATH is requested, or those of the dice server.
   * Without the agent the archive is of the app alone, for comparison.
   */
  public static void main(String[] arguments) {
    List<String> rest = new ArrayList<>(List.of(arguments));
    boolean agent = !rest.remove(NO_AGENT);
    if (rest.size() < 2) {
      System.err.println("Usage: java -jar class-archive.jar [--no-agent] ARCHIVE APP.jar [PATH…]");
      System.exit(USAGE);
    }
    Path archive = Path.of(rest.get(0)).toAbsolutePath();
    int jdk = Runtime.version().feature();
    if (jdk < OLDEST_JDK) {
      System.out.printf(
          "No class archive: JDK %d cannot archive an agent's classes, JDK %d and newer can.%n",
          jdk, OLDEST_JDK);
      return;
    }
    try {
      make(archive, Path.of(rest.get(1)), rest.subList(2, rest.size()), agent);
    } catch (ArchiveException e) {
      System.err.println(e.getMessage());
      System.exit(FAILED);
    } catch (IOException e) {
      System.err.printf("%s cannot be made: %s%n", archive, e);
      System.exit(FAILED);
    }
  }

  private static void make(Path archive, Path app, List<String> paths, boolean withAgent)
      throws IOException {
    if (!Files.isReadable(app)) {
      throw new ArchiveException("There is no jar %s: build it first.".formatted(app));
    }
    Path work = Files.createTempDirectory("class-archive");
    try (var backend = Backend.start()) {
      var run = new TrainingRun(app, paths, backend, work);
      Path made = work.resolve("archive");
      String output = withAgent ? ofAgent(run, work, made) : run.of(List.of(output(made)));
      if (!Files.exists(made)) {
        throw new ArchiveException(
            "The JVM made no archive. It said:%n%s".formatted(TrainingRun.lastLines(output)));
      }
      // Moved in one step: a JVM that starts meanwhile must not see half an archive.
      Files.createDirectories(archive.getParent());
      Path beside = archive.resolveSibling(archive.getFileName() + ".new");
      Files.move(made, beside, StandardCopyOption.REPLACE_EXISTING);
      Files.move(beside, archive, StandardCopyOption.ATOMIC_MOVE);
      System.out.printf("Class archive: %s, %d MB.%n", archive, Files.size(archive) / 1_000_000);
    } finally {
      remove(work);
    }
  }

  /** Returns the output of the JVM that writes the archive. */
  private static String ofAgent(TrainingRun run, Path work, Path made) throws IOException {
    Path self = self();
    List<String> attached = new ArrayList<>(JvmArguments.read(self.resolveSibling("jvm.args")));
    attached.addAll(JvmArguments.read(self.resolveSibling("fast-start.args")));
    System.out.println("Class archive: the app starts under the agent, to see what is loaded ...");
    Path classes = work.resolve("classes");
    List<String> listing = new ArrayList<>(attached);
    listing.add("-Xlog:class+load:file=%s:none:filecount=0".formatted(classes));
    run.of(listing);
    System.out.println("Class archive: the loaded classes are archived ...");
    List<String> training = new ArrayList<>(JvmArguments.withoutAgents(attached));
    training.add(TrainingAgent.argument(self, JvmArguments.agentOf(attached), classes));
    training.add(output(made));
    return run.withoutApp(training);
  }

  private static String output(Path archive) {
    return "-XX:AOTCacheOutput=" + archive;
  }

  private static Path self() {
    try {
      return Path.of(
          ClassArchive.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }
}
