package lapalma.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lapalma.process.PidFile;

/**
 * The folder of one {@code make up}: data, logs and pid files of its parts, and the requests of
 * {@code make fault}.
 */
public record RunFolder(Path path) {
  /** The last line that {@code make up} says before it is ready. */
  public static final String READY = "Stop with Ctrl-C.";

  /**
   * Returns the folder for a port of dice: a second stack has another port, and so its own folder.
   */
  public static RunFolder of(Path root, Ports ports) {
    return new RunFolder(root.resolve(".run/up-" + ports.of(Port.DICE)));
  }

  /** Returns the pid file of {@code make up} itself. */
  public PidFile launcher() {
    return new PidFile(path, "up");
  }

  public PidFile part(String name) {
    return new PidFile(path, name);
  }

  /** Returns the pid files of the parts, in the order in which the parts end. */
  List<PidFile> parts() {
    return List.of(
        part("blackbox-exporter"),
        part("dice"),
        part("victoria-logs"),
        part("prometheus"),
        part("jaeger"));
  }

  /**
   * A file that exists once the report is complete. Before that, an end of dice is a failed start.
   */
  private Path ready() {
    return path.resolve("up.ready");
  }

  boolean isReady() {
    return Files.exists(ready());
  }

  /**
   * Checks that {@code make up} runs and has printed its report.
   *
   * @param ports those of this folder, which the sentence names
   * @throws StackException when it does not run or is not ready yet
   */
  void requireLauncher(Ports ports) {
    if (launcher().process().isEmpty()) {
      throw new StackException(
          "make up does not run in this folder with %1$s=%2$d: start it, or set %1$s or %3$s to the value that it was started with."
              .formatted(Port.DICE.variable(), ports.of(Port.DICE), Ports.OFFSET));
    }
    if (!isReady()) {
      throw new StackException(
          "make up is not ready yet: wait until it says '%s'".formatted(READY));
    }
  }

  public void setReady(boolean ready) throws IOException {
    if (ready) {
      Files.writeString(ready(), "");
    } else {
      Files.deleteIfExists(ready());
    }
  }

  /**
   * A file with the state of dice that {@code make fault} requests: {@code away} or {@code back}.
   * Only the launcher deletes it, once dice answers again.
   */
  private Path wanted() {
    return path.resolve("dice.wanted");
  }

  /** Returns whether {@code make fault} keeps dice away, or dice does not answer again yet. */
  boolean diceIsAway() {
    return Files.exists(wanted());
  }

  boolean diceIsWantedBack() throws IOException {
    return Files.readString(wanted()).equals("back");
  }

  void keepDiceAway() throws IOException {
    Files.writeString(wanted(), "away");
  }

  void wantDiceBack() throws IOException {
    Files.writeString(wanted(), "back");
  }

  void diceIsBack() throws IOException {
    Files.deleteIfExists(wanted());
  }
}
