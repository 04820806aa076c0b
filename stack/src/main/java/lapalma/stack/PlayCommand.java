package lapalma.stack;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import lapalma.process.Children;
import lapalma.process.PidFile;
import lapalma.process.ProcessException;

/**
 * {@code make play}: runs the player against the dice of a running {@code make up}, until Ctrl-C.
 * The player goes on while dice is away, so it outlives {@code make fault FAULT=kill}.
 *
 * <p>Exit code 1, with a sentence, when there is no such {@code make up} or the player ends.
 */
public final class PlayCommand {
  private final Path root;
  private final Ports ports;
  private final RunFolder folder;

  private PlayCommand(Path root, Ports ports) {
    this.root = root;
    this.ports = ports;
    this.folder = RunFolder.of(root, ports);
  }

  public static void main(String[] args) {
    try {
      new PlayCommand(Path.of("").toAbsolutePath(), Ports.from(System.getenv())).run();
    } catch (ProcessException | IOException | UncheckedIOException e) {
      // A Ctrl-C ends the player, which is not a failure to report.
      if (!Children.ending()) {
        System.err.println(ProcessException.sentence(e));
        System.exit(1);
      }
    }
  }

  private void run() throws IOException {
    folder.requireLauncher(ports);
    PidFile pidFile = folder.part(PlayerProcess.NAME);
    pidFile
        .process()
        .ifPresent(
            other -> {
              throw new StackException(
                  "A player already rolls there, as process %1$d: stop it with Ctrl-C, or with kill %1$d."
                      .formatted(other.pid()));
            });
    Path log = Files.writeString(folder.path().resolve(PlayerProcess.NAME + ".log"), "");
    var builder =
        new ProcessBuilder(PlayerProcess.command(root))
            .directory(root.toFile())
            // The output of the agent and of the JVM goes to the log only.
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    PlayerProcess.environment(ports).forEach(builder.environment()::putIfAbsent);
    Process player = Children.start(PlayerProcess.NAME, builder);
    pidFile.write(player.toHandle());
    show(player, log);
    throw new StackException(
        "The player ended with exit code %d. The last line of %s: %s"
            .formatted(exitCode(player), log, lastLine(log)));
  }

  /** Prints the player's lines, and writes them into its log, until it ends. */
  private static void show(Process player, Path log) throws IOException {
    try (BufferedReader lines = player.inputReader();
        Writer copy = Files.newBufferedWriter(log, StandardOpenOption.APPEND)) {
      String line;
      while ((line = lines.readLine()) != null) {
        System.out.println(line);
        copy.write(line + "\n");
        copy.flush();
      }
    }
  }

  private static int exitCode(Process ended) {
    try {
      return ended.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("Interrupted while waiting for the player");
    }
  }

  private static String lastLine(Path log) throws IOException {
    // Not readAllLines, which refuses a character that the player has written half of.
    List<String> lines =
        new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
    return lines.isEmpty() ? "(it is empty)" : lines.get(lines.size() - 1);
  }
}
