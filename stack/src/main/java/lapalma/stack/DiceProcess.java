package lapalma.stack;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lapalma.process.ManagedProcess;
import lapalma.stack.api.Http;

/** A dice server. */
public final class DiceProcess extends Part {
  /** Log lines in which the extension complains, or that say why the agent did not start. */
  private static final Pattern AGENT_ERROR =
      Pattern.compile("^\\[otel\\.javaagent .* ERROR lapalma\\.|^Caused by: |^found |^expected ");

  private final Ports ports;
  private final boolean agentMustRun;

  private DiceProcess(ManagedProcess process, Ports ports, boolean agentMustRun) {
    super(process, ports.url(Port.DICE), ports.url(Port.DICE) + "/health");
    this.ports = ports;
    this.agentMustRun = agentMustRun;
  }

  /** Starts the dice server with the agent attached and waits until both answer. */
  public static DiceProcess startAttached(
      Project project, Ports ports, Path data, Map<String, String> extra) {
    return ready(launchAttached(project, ports, data, extra));
  }

  /** Launches the same without waiting. */
  public static DiceProcess launchAttached(
      Project project, Ports ports, Path data, Map<String, String> extra) {
    return launch(project, ports, data, attached(project, List.of()), extra, true);
  }

  /**
   * Starts the dice server with further JVM arguments and waits for dice only: the agent may fail.
   */
  public static DiceProcess startAttached(
      Project project,
      Ports ports,
      Path data,
      List<String> jvmArguments,
      Map<String, String> extra) {
    return ready(launch(project, ports, data, attached(project, jvmArguments), extra, false));
  }

  private static List<String> attached(Project project, List<String> jvmArguments) {
    if (jvmArguments.isEmpty() && Files.exists(project.sealedArgs())) {
      return List.of("@" + project.sealedArgs());
    }
    // Others may configure the agent otherwise, and then the seal would not hold.
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("@" + project.attachArgs(), "@" + project.fastStartArgs()));
    arguments.addAll(jvmArguments);
    arguments.addAll(List.of("-jar", project.diceJar().toString()));
    return arguments;
  }

  /** Starts the dice server without the agent and waits until it answers. */
  public static DiceProcess startBare(
      Project project, Ports ports, Path data, Map<String, String> extra) {
    List<String> arguments = List.of("-jar", project.diceJar().toString());
    return ready(launch(project, ports, data, arguments, extra, false));
  }

  private static DiceProcess launch(
      Project project,
      Ports ports,
      Path data,
      List<String> arguments,
      Map<String, String> extra,
      boolean agentMustRun) {
    List<String> command = new ArrayList<>();
    command.add(Project.java());
    command.addAll(arguments);
    Map<String, String> environment = new HashMap<>(ports.variables());
    environment.put("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", ports.url(Port.OTLP) + "/v1/traces");
    environment.put("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", VictoriaLogs.receiver(ports));
    environment.put("JAEGER_SAMPLING_ENDPOINT", ports.url(Port.JAEGER_SAMPLING) + "/api/sampling");
    environment.putAll(extra);
    ManagedProcess process =
        ManagedProcess.start(
            "dice", command, environment, project.root(), data.resolve("dice.log"));
    return new DiceProcess(process, ports, agentMustRun);
  }

  @Override
  public void awaitReady() {
    super.awaitReady();
    if (agentMustRun) {
      requireAgent();
      process().awaitReady(ports.url(Port.AGENT_METRICS) + "/metrics");
    }
  }

  /**
   * Ends the server if its agent finds fault with its configuration or environment.
   *
   * <p>The agent fails open: the app then runs with less telemetry or none, and only the log shows
   * it.
   */
  private void requireAgent() {
    String errors =
        process()
            .logText()
            .lines()
            .filter(line -> AGENT_ERROR.matcher(line).find())
            .collect(Collectors.joining("\n"));
    if (!errors.isEmpty()) {
      close();
      throw new StackException(
          "The agent reports faults in its configuration. %s says:%n%s"
              .formatted(process().log(), errors));
    }
  }

  public Ports ports() {
    return ports;
  }

  public HttpResponse<String> get(String path) throws IOException {
    return Http.get(url() + path);
  }
}
