package lapalma.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import lapalma.process.ManagedProcess;
import lapalma.stack.api.PrometheusApi;

/** A Prometheus. */
public final class Prometheus extends Part {
  /** The jobs of the probes of dice, and the path of each. Grafana does not run here. */
  private static final Map<String, String> PROBES =
      Map.of("probe-health", "/health", "probe-roll", "/");

  private static final String SERVICES = "targets/services.yml";

  private final Path targets;

  private Prometheus(ManagedProcess process, String url, Path targets) {
    super(process, url, url + "/-/ready");
    this.targets = targets;
  }

  /**
   * Starts Prometheus with the project's configuration, pointed at the given ports, and waits until
   * it is ready.
   *
   * @param data the folder for the series, {@code data/prometheus}, and the log, {@code
   *     data/prometheus.log}
   */
  public static Prometheus start(Project project, Ports ports, Path data) {
    return ready(launch(project, ports, data));
  }

  /** Launches the same without waiting. */
  public static Prometheus launch(Project project, Ports ports, Path data) {
    return launch(project, ports, data, "[]", Rules.AS_WRITTEN);
  }

  /**
   * Starts Prometheus as {@link #start(Project, Ports, Path)} does.
   *
   * @param alertmanagers the targets that get alerts: a list in YAML
   * @param rules the rules, in which time may run faster
   */
  public static Prometheus start(
      Project project, Ports ports, Path data, String alertmanagers, Rules rules) {
    return ready(launch(project, ports, data, alertmanagers, rules));
  }

  private static Prometheus launch(
      Project project, Ports ports, Path data, String alertmanagers, Rules rules) {
    Path config = configure(project, ports, data, alertmanagers, rules);
    ManagedProcess process =
        ManagedProcess.start(
            "prometheus",
            List.of(
                project.prometheus().toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + data.resolve("prometheus"),
                "--storage.tsdb.retention.time=35d",
                "--web.listen-address=127.0.0.1:" + ports.of(Port.PROMETHEUS),
                "--web.external-url=" + ports.url(Port.PROMETHEUS),
                "--web.console.templates=" + project.root().resolve("prometheus/pages"),
                "--web.user-assets=" + config.resolveSibling("site"),
                "--rules.alert.resend-delay=%ds".formatted(60 / rules.speed()),
                "--enable-feature=exemplar-storage"),
            Map.of(
                "STACK_NAME",
                "lapalma",
                "DEPLOYMENT_ENVIRONMENT",
                "local",
                "STACK_REGION",
                "local",
                "GRAFANA_URL",
                System.getenv().getOrDefault("GRAFANA_URL", "http://127.0.0.1:3000"),
                "RUNBOOK_URL",
                ports.url(Port.PROMETHEUS) + "/consoles/runbook.html",
                "JAEGER_EXTERNAL_URL",
                ports.url(Port.JAEGER),
                "VICTORIALOGS_EXTERNAL_URL",
                ports.url(Port.VICTORIALOGS)),
            project.root(),
            data.resolve("prometheus.log"));
    return new Prometheus(process, ports.url(Port.PROMETHEUS), config.resolveSibling("targets"));
  }

  /** Writes the configuration and its targets side by side, as Prometheus needs them. */
  private static Path configure(
      Project project, Ports ports, Path data, String alertmanagers, Rules rules) {
    Map<String, Port> targets =
        Map.of(
            "dice", Port.DICE,
            "dice-agent", Port.AGENT_METRICS,
            "jaeger", Port.JAEGER_METRICS,
            "jaeger-spanmetrics", Port.JAEGER_SPAN_METRICS,
            "prometheus", Port.PROMETHEUS,
            "victoria-logs", Port.VICTORIALOGS);
    try {
      Path folder = Files.createDirectories(data.resolve("prometheus-config"));
      Path site = Files.createDirectories(folder.resolve("site"));
      for (String served : List.of("prometheus/pages", "docs/runbook.md")) {
        Path file = project.root().resolve(served);
        Files.deleteIfExists(site.resolve(file.getFileName()));
        Files.createSymbolicLink(site.resolve(file.getFileName()), file);
      }
      Path targetsFolder = Files.createDirectories(folder.resolve("targets"));
      for (var target : targets.entrySet()) {
        Files.writeString(
            targetsFolder.resolve(target.getKey() + ".yml"),
            "- targets: [\"127.0.0.1:%d\"]%n".formatted(ports.of(target.getValue())));
      }
      // An earlier run may have left other targets.
      for (String probe : PROBES.keySet()) {
        Files.writeString(targetsFolder.resolve(probe + ".yml"), "[]\n");
      }
      Files.writeString(
          targetsFolder.resolve("alertmanager.yml"), "- targets: %s%n".formatted(alertmanagers));
      rules.copy(project.root().resolve("prometheus/rules"), folder.resolve("rules"));
      Path scrape =
          rules.copyFile(
              project.root().resolve("prometheus/scrape.yml"), folder.resolve("scrape.yml"));
      // The user's own apps are read where the user lists them.
      Files.writeString(
          scrape,
          Files.readString(scrape)
              .replace(
                  SERVICES, project.root().resolve("prometheus").resolve(SERVICES).toString()));
      return rules.copyFile(
          project.root().resolve("prometheus/prometheus.yml"), folder.resolve("prometheus.yml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Makes a blackbox exporter probe dice from now on.
   *
   * @param exporter the exporter's address and port
   * @param dice the URL of dice as the exporter reaches it, without a path
   */
  public void probe(String exporter, String dice) {
    try {
      for (var probe : PROBES.entrySet()) {
        // Moved into place, so that Prometheus never reads half a file.
        Path written =
            Files.writeString(
                targets.resolveSibling(probe.getKey()),
                "- targets: [\"%s\"]%n  labels: { __param_target: \"%s\" }%n"
                    .formatted(exporter, dice + probe.getValue()));
        Files.move(
            written,
            targets.resolve(probe.getKey() + ".yml"),
            StandardCopyOption.REPLACE_EXISTING,
            StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the address of the stack's first page. */
  public String page() {
    return url() + "/consoles/index.html";
  }

  /** Returns the client of its query API. */
  public PrometheusApi api() {
    return new PrometheusApi(url());
  }
}
