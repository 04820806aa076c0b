package lapalma.e2e.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Children;
import lapalma.process.Command;
import lapalma.process.ManagedProcess;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.RunFolder;
import lapalma.stack.Up;

/** A running {@code make up}: the program that the Makefile runs, with ports of its own. */
final class MakeUp implements AutoCloseable {
  static final Duration ENDS = Duration.ofMinutes(2);
  private static final Duration REPORTS = Duration.ofMinutes(3);
  private static final String JAR = "stack/target/stack.jar";

  /** All that this make up starts inherits it. */
  private static final String MARK = "LAPALMA_MAKE_UP";

  private final Project project = SharedStack.project();
  private final Map<String, String> variables = new HashMap<>();
  private final Ports ports;
  private final ManagedProcess part;

  /**
   * Starts it.
   *
   * @param name of its log in {@code folder}
   * @param set laid over the variables of {@code ports}
   */
  MakeUp(String name, Path folder, Ports ports, Map<String, String> set) {
    this.ports = ports;
    variables.putAll(ports.variables());
    variables.put(MARK, folder.resolve(name).toString());
    variables.putAll(set);
    part =
        ManagedProcess.start(
            name,
            // A test run in the background of a shell ignores SIGINT, and so do its children.
            List.of("env", "--default-signal=INT", Project.java(), "-jar", JAR),
            variables,
            project.root(),
            folder.resolve(name + ".log"));
  }

  MakeUp awaitReport() {
    await()
        .atMost(REPORTS)
        .failFast("make up has ended", part::requireAlive)
        .untilAsserted(() -> assertThat(said()).contains(Up.READY));
    return this;
  }

  /** The program that the Makefile runs. */
  ManagedProcess launcher() {
    return part;
  }

  /** What it has written to the terminal. */
  String said() {
    return part.logText();
  }

  Ports ports() {
    return ports;
  }

  RunFolder folder() {
    return RunFolder.of(project.root(), ports);
  }

  /** The process of a part, as the stack has recorded it. */
  ProcessHandle part(String name) {
    return folder().part(name).process().orElseThrow();
  }

  /** {@code make fault}, with the same variables. */
  Command fault(String fault) {
    return fault(fault, variables);
  }

  static Command fault(String fault, Map<String, String> variables) {
    return Command.run(
        SharedStack.project().root(),
        variables,
        List.of(Project.java(), "-cp", JAR, "lapalma.stack.FaultCommand", fault));
  }

  /** Sends a signal, such as INT for a Ctrl-C. */
  void signal(String name) {
    Children.signal(name, ProcessHandle.of(part.pid()).orElseThrow());
  }

  int awaitExit() {
    return part.awaitExit(ENDS);
  }

  /** Everything that it has started, whoever is its parent now. */
  List<ProcessHandle> processes() {
    String mark = MARK + "=" + variables.get(MARK);
    return ProcessHandle.allProcesses()
        .filter(process -> environment(process).contains(mark))
        .toList();
  }

  private static List<String> environment(ProcessHandle process) {
    try {
      return List.of(
          Files.readString(Path.of("/proc", String.valueOf(process.pid()), "environ")).split("\0"));
    } catch (IOException e) {
      return List.of(); // it has ended meanwhile, or is somebody else's
    }
  }

  /** Ends it and removes its data. */
  @Override
  public void close() {
    part.close();
    // Also what a test has found to be left behind.
    processes().forEach(ProcessHandle::destroyForcibly);
    delete(folder());
  }

  /** Removes the data of a make up that does not run. */
  static void delete(RunFolder folder) {
    if (Files.exists(folder.path())) {
      try (Stream<Path> files = Files.walk(folder.path())) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
