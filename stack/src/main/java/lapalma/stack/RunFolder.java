package lapalma.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lapalma.process.PidFile;

/**
 * The folder of one {@code make up}: data, logs and pid files of its parts, and what {@code make
 * fault} asks of it.
 */
public record RunFolder(Path path) {

  /** A second stack beside the first has another port, and so data of its own. */
  public static RunFolder of(Path root, Ports ports) {
    return new RunFolder(root.resolve(".run/up-" + ports.of(Port.DICE)));
  }

  /** The process of {@code make up} itself. */
  public PidFile launcher() {
    return new PidFile(path, "up");
  }

  public PidFile part(String name) {
    return new PidFile(path, name);
  }

  /** The parts, in the order in which they are to end. */
  List<PidFile> parts() {
    return List.of(part("dice"), part("prometheus"), part("jaeger"));
  }

  /** Exists from the end of the report on: until then, an end of dice is a failed start. */
  private Path ready() {
    return path.resolve("up.ready");
  }

  boolean isReady() {
    return Files.exists(ready());
  }

  public void setReady(boolean ready) throws IOException {
    if (ready) {
      Files.writeString(ready(), "");
    } else {
      Files.deleteIfExists(ready());
    }
  }

  /**
   * Says what {@code make fault} wants of dice: {@code away} or {@code back}. Only the launcher
   * deletes it, once dice answers again.
   */
  private Path wanted() {
    return path.resolve("dice.wanted");
  }

  /** Whether dice is kept away, or is about to answer again. */
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
