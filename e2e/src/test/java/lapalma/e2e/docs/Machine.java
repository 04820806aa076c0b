package lapalma.e2e.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lapalma.process.Command;
import lapalma.process.ManagedProcess;

/**
 * A machine of its own for a reader: its ports are free, and what it changes in the project's
 * folder is gone when it is closed. It is made of namespaces and an overlay file system, which
 * needs root.
 */
final class Machine implements AutoCloseable {
  private static final Duration ENDS = Duration.ofSeconds(30);

  private final Path root;
  private final Path folder;
  private final ManagedProcess init;
  private final List<ManagedProcess> staying = new ArrayList<>();

  /**
   * Starts the machine.
   *
   * @param root the folder of the project, which has the same path on the machine
   * @param folder an empty folder outside of {@code root}
   */
  Machine(Path root, Path folder) throws IOException {
    this.root = root;
    this.folder = folder;
    Path changes = Files.createDirectory(folder.resolve("changes"));
    Path work = Files.createDirectory(folder.resolve("work"));
    init =
        ManagedProcess.start(
            "machine",
            List.of(
                "unshare",
                "--net",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount-proc",
                "sh",
                "-c",
                """
                set -e
                ip link set lo up
                mount -t overlay overlay -o lowerdir=%1$s,upperdir=%2$s,workdir=%3$s %1$s
                echo started
                exec sleep infinity
                """
                    .formatted(root, changes, work)),
            Map.of(),
            folder,
            folder.resolve("machine.log"));
    init.awaitLogged("started", Duration.ofSeconds(30));
  }

  /** Saves a file, by its path in the project. */
  void save(String path, String text) throws IOException {
    Path saved = Files.writeString(folder.resolve("saved"), text);
    Command.run(folder, Map.of(), enter("cp " + saved + " '" + path + "'")).orFail();
  }

  /** Runs commands until they end. */
  Command run(String commands) {
    return Command.run(folder, Map.of(), enter(commands));
  }

  /** Starts a command that stays. */
  ManagedProcess start(String command) {
    String name = "command-" + (staying.size() + 1);
    ManagedProcess started =
        ManagedProcess.start(
            name, enter("exec env " + command), Map.of(), folder, folder.resolve(name + ".log"));
    staying.add(started);
    return started;
  }

  /** Ends the last command that stays. */
  void endLast() {
    ManagedProcess last = staying.get(staying.size() - 1);
    // Its only child is the command.
    ProcessHandle.of(last.pid()).orElseThrow().children().forEach(ProcessHandle::destroy);
    last.awaitExit(ENDS);
  }

  private List<String> enter(String commands) {
    // The child of unshare is the first process on the machine.
    long first =
        ProcessHandle.of(init.pid()).orElseThrow().children().findFirst().orElseThrow().pid();
    List<String> line = new ArrayList<>();
    line.addAll(List.of("nsenter", "--target", String.valueOf(first), "--mount", "--pid"));
    if (!commands.startsWith("mvn ")) {
      // Only Maven downloads.
      line.add("--net");
    }
    line.addAll(List.of("bash", "-euo", "pipefail", "-c", "cd " + root + "\n" + commands));
    return line;
  }

  /** Ends every process of the machine. */
  @Override
  public void close() {
    // unshare ignores SIGTERM while its child runs. The child ends together with unshare.
    init.kill();
  }
}
