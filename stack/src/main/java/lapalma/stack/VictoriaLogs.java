package lapalma.stack;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lapalma.process.ManagedProcess;
import lapalma.stack.api.VictoriaLogsApi;

/** A VictoriaLogs. */
public final class VictoriaLogs extends Part {
  private VictoriaLogs(ManagedProcess process, String url) {
    super(process, url, url + "/health");
  }

  /**
   * Starts VictoriaLogs with the project's configuration and waits until it is ready.
   *
   * @param data the folder for the log lines, {@code data/victoria-logs}, and its own log, {@code
   *     data/victoria-logs.log}
   */
  public static VictoriaLogs start(Project project, Ports ports, Path data) {
    return ready(launch(project, ports, data));
  }

  /** Launches the same without waiting. */
  public static VictoriaLogs launch(Project project, Ports ports, Path data) {
    return launch("victoria-logs", project, ports, data);
  }

  /**
   * Starts a VictoriaLogs that may be one part of several.
   *
   * @param name of the part, of its log, and of the folder for its log lines in {@code data}
   * @param flags more flags, such as the storage nodes to which it forwards
   */
  public static VictoriaLogs start(
      String name, Project project, Ports ports, Path data, String... flags) {
    return ready(launch(name, project, ports, data, flags));
  }

  private static VictoriaLogs launch(
      String name, Project project, Ports ports, Path data, String... flags) {
    List<String> command =
        new ArrayList<>(
            List.of(
                // The shell fills in the variables of the file, as compose does.
                "bash",
                "-c",
                "set -a; . \"$0\"; exec \"$@\"",
                project.root().resolve("victorialogs/victorialogs.env").toString(),
                project.victoriaLogs().toString(),
                "-envflag.enable",
                "-envflag.prefix=VL_",
                "-storageDataPath=" + data.resolve(name),
                "-httpListenAddr=127.0.0.1:" + ports.of(Port.VICTORIALOGS)));
    command.addAll(List.of(flags));
    return new VictoriaLogs(
        ManagedProcess.start(name, command, Map.of(), project.root(), data.resolve(name + ".log")),
        ports.url(Port.VICTORIALOGS));
  }

  /** Returns the URL to which the agent exports log records. */
  static String receiver(Ports ports) {
    return ports.url(Port.VICTORIALOGS) + "/insert/opentelemetry/v1/logs";
  }

  /** Returns the client of its query API. */
  public VictoriaLogsApi api() {
    return new VictoriaLogsApi(url());
  }
}
