package lapalma.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lapalma.process.ManagedProcess;
import lapalma.stack.api.Http;
import lapalma.stack.api.JaegerApi;

/** A Jaeger. */
public final class Jaeger extends Part {
  /** The variables that name the pages to which Jaeger's pages link. */
  private static final List<String> LINKED = List.of("GRAFANA_URL", "VICTORIALOGS_EXTERNAL_URL");

  private final Ports ports;

  private Jaeger(ManagedProcess process, Ports ports) {
    super(process, ports.url(Port.JAEGER), ports.url(Port.JAEGER_HEALTH) + "/status");
    this.ports = ports;
  }

  /**
   * Starts Jaeger with the project's configuration and waits until it is ready.
   *
   * @param data the folder for the traces, {@code data/jaeger}, and the log, {@code
   *     data/jaeger.log}
   */
  public static Jaeger start(Project project, Ports ports, Path data) {
    return start(project, ports, data, Map.of());
  }

  /**
   * Starts Jaeger with more variables and with configurations laid over the project's.
   *
   * @param overlays files, relative to the project's root
   */
  public static Jaeger start(
      Project project, Ports ports, Path data, Map<String, String> extra, String... overlays) {
    return ready(launch(project, ports, data, extra, overlays));
  }

  /** Launches the same without waiting. */
  public static Jaeger launch(
      Project project, Ports ports, Path data, Map<String, String> extra, String... overlays) {
    List<String> configurations = new ArrayList<>(List.of("jaeger/config.yaml"));
    configurations.addAll(List.of(overlays));
    return launch("jaeger", project, ports, data, extra, configurations);
  }

  /**
   * Starts a Jaeger that may be one part of several.
   *
   * @param name of the part, and of its log in {@code data}
   * @param configurations files, relative to the project's root, each laid over those before it
   */
  public static Jaeger start(
      String name,
      Project project,
      Ports ports,
      Path data,
      Map<String, String> extra,
      List<String> configurations) {
    return ready(launch(name, project, ports, data, extra, configurations));
  }

  private static Jaeger launch(
      String name,
      Project project,
      Ports ports,
      Path data,
      Map<String, String> extra,
      List<String> configurations) {
    Map<String, String> environment = new HashMap<>(ports.variables());
    environment.put("JAEGER_DATA", data.resolve("jaeger").toString());
    environment.put("PROMETHEUS_URL", ports.url(Port.PROMETHEUS));
    environment.putAll(extra);
    Map<String, String> linked = new HashMap<>();
    for (String variable : LINKED) {
      linked.put(
          variable, environment.getOrDefault(variable, System.getenv().getOrDefault(variable, "")));
    }
    environment.put("JAEGER_UI_CONFIG", pages(linked, project, data).toString());
    List<String> command = new ArrayList<>(List.of(project.jaeger().toString()));
    configurations.forEach(configuration -> command.addAll(List.of("--config", configuration)));
    return new Jaeger(
        ManagedProcess.start(
            name, command, environment, project.root(), data.resolve(name + ".log")),
        ports);
  }

  /** Writes the configuration of Jaeger's pages, with the addresses filled in. */
  private static Path pages(Map<String, String> linked, Project project, Path data) {
    try {
      String configuration = Files.readString(project.root().resolve("jaeger/ui.js"));
      for (var url : linked.entrySet()) {
        configuration = configuration.replace("@" + url.getKey() + "@", url.getValue());
      }
      return Files.writeString(
          Files.createDirectories(data).resolve("jaeger-ui.js"), configuration);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Ports ports() {
    return ports;
  }

  /** Returns whether this Jaeger has web pages. */
  public boolean hasUi() throws IOException {
    return Http.get(url() + "/").body().contains("jaeger-ui-root");
  }

  /** Returns the client of its query API. */
  public JaegerApi api() {
    return new JaegerApi(url());
  }
}
