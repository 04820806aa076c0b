package lapalma.stack;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import lapalma.process.ManagedProcess;

/** A running blackbox exporter, which probes dice from outside when Prometheus asks for it. */
public final class BlackboxExporter implements AutoCloseable {
  private static final String FOLDER = "prometheus/blackbox";

  private final ManagedProcess process;
  private final String address;

  private BlackboxExporter(ManagedProcess process, String address) {
    this.process = process;
    this.address = address;
  }

  /** Finds the program on this machine; it does not install one. */
  static Optional<Path> find(Project project) {
    return Project.findPresentProgram(project.root(), FOLDER);
  }

  /** Starts a program that was found. */
  static BlackboxExporter start(Path program, Project project, Ports ports, Path data) {
    return start(List.of(program.toString()), project, address(ports), data);
  }

  /**
   * Starts the blackbox exporter with the project's configuration and waits until it is ready.
   * Installs the program if it is missing.
   *
   * @param data the folder for its log, {@code data/blackbox-exporter.log}
   */
  public static BlackboxExporter start(Project project, Ports ports, Path data) {
    return start(command(project), project, address(ports), data);
  }

  /** Returns the command without arguments, for callers that start it in a place of their own. */
  public static List<String> command(Project project) {
    return List.of(Project.findProgram(project.root(), FOLDER).toString());
  }

  /**
   * Starts a command that runs the blackbox exporter.
   *
   * @param address the address and port to listen on
   */
  public static BlackboxExporter start(
      List<String> command, Project project, String address, Path data) {
    ManagedProcess process =
        ManagedProcess.start(
            "blackbox-exporter",
            Stream.concat(
                    command.stream(),
                    Stream.of(
                        "--config.file=" + project.root().resolve(FOLDER).resolve("blackbox.yml"),
                        "--web.listen-address=" + address))
                .toList(),
            Map.of(),
            project.root(),
            data.resolve("blackbox-exporter.log"));
    process.awaitReady("http://" + address + "/-/healthy");
    return new BlackboxExporter(process, address);
  }

  private static String address(Ports ports) {
    return "127.0.0.1:" + ports.of(Port.BLACKBOX_EXPORTER);
  }

  public ManagedProcess process() {
    return process;
  }

  /** Returns the address and port on which it listens. */
  public String address() {
    return address;
  }

  @Override
  public void close() {
    process.close();
  }
}
