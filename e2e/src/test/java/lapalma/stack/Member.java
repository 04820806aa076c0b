package lapalma.stack;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** One of several programs that do the same: it can be killed, and started again as it was. */
final class Member implements AutoCloseable {
  private final String name;
  private final List<String> command;
  private final Map<String, String> environment;
  private final Path folder;
  private final String ready;
  private Part part;

  /**
   * @param folder holds its log, and is where it runs
   * @param ready answers 200 once it is ready
   */
  Member(
      String name,
      List<String> command,
      Map<String, String> environment,
      Path folder,
      String ready) {
    this.name = name;
    this.command = command;
    this.environment = environment;
    this.folder = folder;
    this.ready = ready;
  }

  /** Starts it and waits until it is ready. */
  void start() {
    part = Part.start(name, command, environment, folder, folder.resolve(name + ".log"));
    part.awaitReady(ready);
  }

  /** Sends SIGKILL and waits for the end. */
  void kill() {
    part.kill();
    part.close();
  }

  String name() {
    return name;
  }

  long pid() {
    return part.pid();
  }

  /** Sends SIGTERM and waits for the end. */
  @Override
  public void close() {
    if (part != null) {
      part.close();
    }
  }
}
