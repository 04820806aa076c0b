package lapalma.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A file that names a process by its pid and the instant of its start. The pid alone is not enough:
 * the kernel may give it to another process later.
 *
 * @param name of the file, without its ending, and of the program
 */
public record PidFile(Path folder, String name) {

  private Path path() {
    return folder.resolve(name + ".pid");
  }

  public void write(ProcessHandle process) throws IOException {
    Files.writeString(path(), identity(process));
  }

  /** Returns the process in the file, if it still runs. */
  public Optional<ProcessHandle> process() {
    try {
      String identity = Files.readString(path());
      return ProcessHandle.of(Long.parseLong(identity.split(" ", 2)[0]))
          .filter(process -> process.isAlive() && identity(process).equals(identity));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty(); // no file, or one that write did not make
    }
  }

  private static String identity(ProcessHandle process) {
    return "%d %s"
        .formatted(
            process.pid(), process.info().startInstant().map(Instant::toString).orElse("ended"));
  }
}
