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
import lapalma.stack.BlackboxExporter;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.RunFolder;

/** A running {@code make up}: the program that the Makefile runs, with its own ports. */
final class MakeUp implements AutoCloseable {
  static final Duration ENDS = Duration.ofMinutes(2);
  private static final Duration REPORTS = Duration.ofMinutes(3);
  private static final String JAR = "stack/target/stack.jar";

  /** A variable that all processes of this make up inherit. */
  private static final String MARK = "LAPALMA_MAKE_UP";

  private final Project project = SharedStack.project();
  private final Map<String, String> variables = new HashMap<>();
  private final Ports ports;
  private final ManagedProcess part;

  /**
   * Starts make up.
   *
   * @param name the name of its log in {@code folder}
   * @param set variables to set besides those of {@code ports}
   */
  MakeUp(String name, Path folder, Ports ports, Map<String, String> set) {
    this.ports = ports;
    variables.putAll(ports.variables());
    variables.put(MARK, folder.resolve(name).toString());
    variables.put("BLACKBOX_EXPORTER", BlackboxExporter.command(project).get(0));
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
        .untilAsserted(() -> assertThat(said()).contains(RunFolder.READY));
    return this;
  }

  /** Returns the program that the Makefile runs. */
  ManagedProcess launcher() {
    return part;
  }

  /** Returns its output on the terminal. */
  String said() {
    return part.logText();
  }

  Ports ports() {
    return ports;
  }

  RunFolder folder() {
    return RunFolder.of(project.root(), ports);
  }

  /** Returns the process of a part from the pid file. */
  ProcessHandle part(String name) {
    return folder().part(name).process().orElseThrow();
  }

  /** Runs {@code make fault} with the same variables. */
  Command fault(String fault) {
    return fault(fault, variables);
  }

  static Command fault(String fault, Map<String, String> variables) {
    return Command.run(
        SharedStack.project().root(),
        variables,
        List.of(Project.java(), "-cp", JAR, "lapalma.stack.FaultCommand", fault));
  }

  /** Runs a {@code make play} that ends by itself, because it cannot play. */
  static Command play(Map<String, String> variables) {
    return Command.run(SharedStack.project().root(), variables, playLine());
  }

  static void assertRefused(Command refused, String sentence) {
    assertThat(refused)
        .extracting(Command::exitCode, Command::output, Command::errors)
        .containsExactly(1, "", sentence);
  }

  /** Stands in for a make up that is ready. */
  static RunFolder standIn(Ports ports) throws IOException {
    RunFolder run = RunFolder.of(SharedStack.project().root(), ports);
    Files.createDirectories(run.path());
    run.launcher().write(ProcessHandle.current());
    run.setReady(true);
    return run;
  }

  /** Returns the command line of {@code make play}. */
  static List<String> playLine() {
    return List.of(Project.java(), "-cp", JAR, "lapalma.stack.PlayCommand");
  }

  /** Sends a signal, such as INT for a Ctrl-C. */
  void signal(String name) {
    Children.signal(name, ProcessHandle.of(part.pid()).orElseThrow());
  }

  int awaitExit() {
    return part.awaitExit(ENDS);
  }

  /** Returns all processes that it has started, whatever their parents are now. */
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
      return List.of(); // the process has ended meanwhile, or belongs to another user
    }
  }

  /** Ends make up and removes its data. */
  @Override
  public void close() {
    part.close();
    // Also the processes that a failed test left behind.
    processes().forEach(ProcessHandle::destroyForcibly);
    delete(folder());
  }

  /** Removes the data of a make up that has ended. */
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
