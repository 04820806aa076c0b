package lapalma.stack;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lapalma.process.ManagedProcess;

/** A blackbox exporter, which probes dice from outside when Prometheus asks for it. */
public final class BlackboxExporter extends Part {
  private static final String FOLDER = "prometheus/blackbox";

  private final String address;

  private BlackboxExporter(ManagedProcess process, String address) {
    super(process, "http://" + address, "http://" + address + "/-/healthy");
    this.address = address;
  }

  /** Finds the program on this machine; it does not install one. */
  static Optional<Path> find(Project project) {
    return Project.findPresentProgram(project.root(), FOLDER);
  }

  /** Returns the command without arguments. Installs the program if it is missing. */
  public static List<String> command(Project project) {
    return List.of(Project.findProgram(project.root(), FOLDER).toString());
  }

  /** Starts a command as {@link #launch} does, and waits until the exporter is ready. */
  public static BlackboxExporter start(
      List<String> command, Project project, String address, Path data) {
    return ready(launch(command, project, address, data));
  }

  /**
   * Launches a command that runs the blackbox exporter with the project's configuration.
   *
   * @param command without arguments; it may start the program in a place of its own
   * @param address the address and port to listen on
   * @param data the folder for its log, {@code data/blackbox-exporter.log}
   */
  public static BlackboxExporter launch(
      List<String> command, Project project, String address, Path data) {
    List<String> line = new ArrayList<>(command);
    line.add("--config.file=" + project.root().resolve(FOLDER).resolve("blackbox.yml"));
    line.add("--web.listen-address=" + address);
    return new BlackboxExporter(
        ManagedProcess.start(
            "blackbox-exporter",
            line,
            Map.of(),
            project.root(),
            data.resolve("blackbox-exporter.log")),
        address);
  }

  /** Returns the address and port on which it listens. */
  public String address() {
    return address;
  }
}
