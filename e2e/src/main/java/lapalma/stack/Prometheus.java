package lapalma.stack;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A running Prometheus, and what it tells over its query API. */
final class Prometheus implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(30);

  private final Part part;
  private final Ports ports;

  private Prometheus(Part part, Ports ports) {
    this.part = part;
    this.ports = ports;
  }

  /**
   * Starts Prometheus with the project's configuration, pointed at the given ports, and waits until
   * it is ready.
   *
   * @param data its series are kept in {@code data/prometheus}, its log is {@code
   *     data/prometheus.log}
   */
  static Prometheus start(Project project, Ports ports, Path data) {
    Path config = configure(project, ports, data);
    Part part =
        Part.start(
            "prometheus",
            List.of(
                project.prometheus().toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + data.resolve("prometheus"),
                "--storage.tsdb.retention.time=15d",
                "--web.listen-address=127.0.0.1:" + ports.of(Port.PROMETHEUS),
                "--enable-feature=exemplar-storage"),
            Map.of(),
            project.root(),
            data.resolve("prometheus.log"));
    var prometheus = new Prometheus(part, ports);
    try {
      prometheus.awaitReady();
    } catch (RuntimeException e) {
      part.close();
      throw e;
    }
    return prometheus;
  }

  /** Lays the configuration and its targets down side by side, as it wants them. */
  private static Path configure(Project project, Ports ports, Path data) {
    Map<String, Port> targets =
        Map.of(
            "dice", Port.DICE,
            "dice-agent", Port.AGENT_METRICS,
            "jaeger", Port.JAEGER_METRICS,
            "prometheus", Port.PROMETHEUS);
    try {
      Path folder = Files.createDirectories(data.resolve("prometheus-config"));
      Path targetsFolder = Files.createDirectories(folder.resolve("targets"));
      for (var target : targets.entrySet()) {
        Files.writeString(
            targetsFolder.resolve(target.getKey() + ".yml"),
            "- targets: [\"127.0.0.1:%d\"]%n".formatted(ports.of(target.getValue())));
      }
      Path rules = Files.createDirectories(folder.resolve("rules"));
      try (var files = Files.newDirectoryStream(project.root().resolve("prometheus/rules"))) {
        for (Path file : files) {
          Files.copy(file, rules.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        }
      }
      return Files.copy(
          project.root().resolve("prometheus/prometheus.yml"),
          folder.resolve("prometheus.yml"),
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitReady() {
    Wait.until(
        "prometheus is ready",
        READY,
        () -> {
          part.requireAlive();
          int status = Http.get(url() + "/-/ready").statusCode();
          return status == 200 ? Wait.found(status) : Wait.notYet("status " + status);
        });
  }

  Part part() {
    return part;
  }

  String url() {
    return ports.url(Port.PROMETHEUS);
  }

  /** Whether the program came with its web pages. */
  boolean hasUi() throws IOException {
    return Http.get(url() + "/query").statusCode() == 200;
  }

  /** The series of an instant query: each with {@code metric} and {@code value}. */
  List<JsonNode> query(String promql) throws IOException {
    return list(Http.json(url() + "/api/v1/query?query=" + Http.encode(promql)).at("/data/result"));
  }

  /** The exemplars since an instant of the series that a query selects. */
  List<JsonNode> exemplars(String promql, Instant since) throws IOException {
    JsonNode series =
        Http.json(
                url()
                    + "/api/v1/query_exemplars?query=%s&start=%s&end=%s"
                        .formatted(Http.encode(promql), since, Instant.now()))
            .path("data");
    List<JsonNode> exemplars = new ArrayList<>();
    series.forEach(one -> exemplars.addAll(list(one.path("exemplars"))));
    return exemplars;
  }

  private static List<JsonNode> list(JsonNode array) {
    List<JsonNode> list = new ArrayList<>();
    array.forEach(list::add);
    return list;
  }

  @Override
  public void close() {
    part.close();
  }
}
