package lapalma.stack;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lapalma.process.ManagedProcess;

/** The player, which calls dice: the program of {@code stack/player} under the agent. */
public final class PlayerProcess {
  static final String NAME = "player";

  private PlayerProcess() {}

  /**
   * Starts the player against the dice of these ports, which need not answer yet.
   *
   * @param root the repository's root
   * @param data the folder for the log, {@code data/player.log}
   * @param extra variables, such as {@code PLAYER_RATE}
   */
  public static ManagedProcess start(Path root, Ports ports, Path data, Map<String, String> extra) {
    Map<String, String> environment = environment(ports);
    environment.putAll(extra);
    return ManagedProcess.start(
        NAME, command(root), environment, root, data.resolve(NAME + ".log"));
  }

  /** Returns the command line. It needs no Jaeger program, and thus no {@link Project}. */
  static List<String> command(Path root) {
    Path attach = Project.attach(root);
    return List.of(
        Project.java(),
        "@" + attach.resolve("jvm.args"),
        "@" + attach.resolve("fast-start.args"),
        // Overrides jvm.args, which names the configuration for dice: the later option applies.
        "-Dotel.config.file=" + root.resolve("stack/player/otel.yaml"),
        "-jar",
        root.resolve("stack/player/target/player.jar").toString());
  }

  /** Returns the variables that lead to dice and to Jaeger. */
  static Map<String, String> environment(Ports ports) {
    return new HashMap<>(
        Map.of(
            "PLAYER_TARGET",
            ports.url(Port.DICE),
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            ports.url(Port.OTLP) + "/v1/traces"));
  }
}
