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

/** A running dice server. */
final class Dice implements AutoCloseable {
  /** What the extension complains of, and why the agent did not start. */
  private static final Pattern AGENT_ERROR =
      Pattern.compile("^\\[otel\\.javaagent .* ERROR lapalma\\.|^Caused by: |^found |^expected ");

  private final Part part;
  private final Ports ports;

  private Dice(Part part, Ports ports) {
    this.part = part;
    this.ports = ports;
  }

  /** Starts the dice server with the agent attached and waits until both answer. */
  static Dice startAttached(Project project, Ports ports, Path data, Map<String, String> extra) {
    Dice dice = startAttached(project, ports, data, List.of(), extra);
    dice.requireAgent();
    dice.awaitReady("the agent serves its metrics", Port.AGENT_METRICS, "/metrics");
    return dice;
  }

  /**
   * Starts it with these further JVM arguments, and waits for dice only: the agent may have failed.
   */
  static Dice startAttached(
      Project project,
      Ports ports,
      Path data,
      List<String> jvmArguments,
      Map<String, String> extra) {
    List<String> attached = new ArrayList<>(List.of("@" + project.attachArgs()));
    if (Files.exists(project.classArchive())) {
      attached.add("-XX:SharedArchiveFile=" + project.classArchive());
    }
    attached.addAll(jvmArguments);
    Dice dice = start(project, ports, data, attached, extra);
    dice.awaitReady("dice answers", Port.DICE, "/health");
    return dice;
  }

  /** Starts the dice server without the agent and waits until it answers. */
  static Dice startBare(Project project, Ports ports, Path data, Map<String, String> extra) {
    Dice dice = start(project, ports, data, List.of(), extra);
    dice.awaitReady("dice answers", Port.DICE, "/health");
    return dice;
  }

  private static Dice start(
      Project project,
      Ports ports,
      Path data,
      List<String> jvmArguments,
      Map<String, String> extra) {
    List<String> command = new ArrayList<>();
    command.add(Project.java());
    command.addAll(jvmArguments);
    command.addAll(List.of("-jar", project.diceJar().toString()));
    Map<String, String> environment = new HashMap<>(ports.variables());
    environment.put("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", ports.url(Port.OTLP) + "/v1/traces");
    environment.put("JAEGER_SAMPLING_ENDPOINT", ports.url(Port.JAEGER_SAMPLING) + "/api/sampling");
    environment.putAll(extra);
    Part part = Part.start("dice", command, environment, project.root(), data.resolve("dice.log"));
    return new Dice(part, ports);
  }

  private void awaitReady(String what, Port port, String path) {
    part.awaitReady(
        what,
        Part.READY,
        () -> {
          try {
            int status = Http.get(ports.url(port) + path).statusCode();
            return status == 200 ? Wait.found(status) : Wait.notYet("status " + status);
          } catch (IOException e) {
            return Wait.notYet("no answer on port " + ports.of(port));
          }
        });
  }

  /**
   * Ends a server whose agent finds fault with its configuration or environment.
   *
   * <p>The agent fails open: the app runs on with less telemetry or none, and only its log tells.
   */
  private void requireAgent() {
    String errors =
        part.logText()
            .lines()
            .filter(line -> AGENT_ERROR.matcher(line).find())
            .collect(Collectors.joining("\n"));
    if (!errors.isEmpty()) {
      part.close();
      throw new StackException(
          "The agent finds fault with its configuration, and %s says:%n%s"
              .formatted(part.log(), errors));
    }
  }

  Part part() {
    return part;
  }

  Ports ports() {
    return ports;
  }

  String url() {
    return ports.url(Port.DICE);
  }

  HttpResponse<String> get(String path) throws IOException {
    return Http.get(url() + path);
  }

  @Override
  public void close() {
    part.close();
  }
}
