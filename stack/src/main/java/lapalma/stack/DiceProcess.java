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

/** A running dice server. */
public final class DiceProcess implements AutoCloseable {
  /** Log lines in which the extension complains, or that say why the agent did not start. */
  private static final Pattern AGENT_ERROR =
      Pattern.compile("^\\[otel\\.javaagent .* ERROR lapalma\\.|^Caused by: |^found |^expected ");

  private final ManagedProcess process;
  private final Ports ports;

  private DiceProcess(ManagedProcess process, Ports ports) {
    this.process = process;
    this.ports = ports;
  }

  /** Starts the dice server with the agent attached and waits until both answer. */
  public static DiceProcess startAttached(
      Project project, Ports ports, Path data, Map<String, String> extra) {
    DiceProcess dice = startAttached(project, ports, data, List.of(), extra);
    dice.requireAgent();
    dice.process.awaitReady(ports.url(Port.AGENT_METRICS) + "/metrics");
    return dice;
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
    List<String> command = new ArrayList<>();
    if (jvmArguments.isEmpty() && Files.exists(project.sealedArgs())) {
      command.add("@" + project.sealedArgs());
    } else {
      // Others may configure the agent otherwise, and then the seal would not hold.
      command.addAll(List.of("@" + project.attachArgs(), "@" + project.fastStartArgs()));
      command.addAll(jvmArguments);
      command.addAll(List.of("-jar", project.diceJar().toString()));
    }
    DiceProcess dice = start(project, ports, data, command, extra);
    dice.process.awaitReady(ports.url(Port.DICE) + "/health");
    return dice;
  }

  /** Starts the dice server without the agent and waits until it answers. */
  public static DiceProcess startBare(
      Project project, Ports ports, Path data, Map<String, String> extra) {
    DiceProcess dice =
        start(project, ports, data, List.of("-jar", project.diceJar().toString()), extra);
    dice.process.awaitReady(ports.url(Port.DICE) + "/health");
    return dice;
  }

  private static DiceProcess start(
      Project project, Ports ports, Path data, List<String> arguments, Map<String, String> extra) {
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
    return new DiceProcess(process, ports);
  }

  /**
   * Ends the server if its agent finds fault with its configuration or environment.
   *
   * <p>The agent fails open: the app then runs with less telemetry or none, and only the log shows
   * it.
   */
  private void requireAgent() {
    String errors =
        process
            .logText()
            .lines()
            .filter(line -> AGENT_ERROR.matcher(line).find())
            .collect(Collectors.joining("\n"));
    if (!errors.isEmpty()) {
      process.close();
      throw new StackException(
          "The agent reports faults in its configuration. %s says:%n%s"
              .formatted(process.log(), errors));
    }
  }

  public ManagedProcess process() {
    return process;
  }

  public Ports ports() {
    return ports;
  }

  public String url() {
    return ports.url(Port.DICE);
  }

  public HttpResponse<String> get(String path) throws IOException {
    return Http.get(url() + path);
  }

  @Override
  public void close() {
    process.close();
  }
}
