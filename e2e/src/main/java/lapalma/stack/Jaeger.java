package lapalma.stack;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A running Jaeger, and what it tells over its query API. */
final class Jaeger implements AutoCloseable {
  private final Part part;
  private final Ports ports;

  private Jaeger(Part part, Ports ports) {
    this.part = part;
    this.ports = ports;
  }

  /**
   * Starts Jaeger with the project's configuration and waits until it is ready.
   *
   * @param data its traces are kept in {@code data/jaeger}, its log is {@code data/jaeger.log}
   */
  static Jaeger start(Project project, Ports ports, Path data) {
    return start(project, ports, data, Map.of());
  }

  /**
   * The same with more variables and with configurations that are laid over the project's.
   *
   * @param overlays files, relative to the project's root
   */
  static Jaeger start(
      Project project, Ports ports, Path data, Map<String, String> extra, String... overlays) {
    Map<String, String> environment = new HashMap<>(ports.variables());
    environment.put("JAEGER_DATA", data.resolve("jaeger").toString());
    environment.put("PROMETHEUS_URL", ports.url(Port.PROMETHEUS));
    environment.putAll(extra);
    List<String> command = new ArrayList<>();
    command.addAll(List.of(project.jaeger().toString(), "--config", "jaeger/config.yaml"));
    for (String overlay : overlays) {
      command.addAll(List.of("--config", overlay));
    }
    Part part =
        Part.start("jaeger", command, environment, project.root(), data.resolve("jaeger.log"));
    part.awaitReady(ports.url(Port.JAEGER_HEALTH) + "/status");
    return new Jaeger(part, ports);
  }

  Part part() {
    return part;
  }

  String url() {
    return ports.url(Port.JAEGER);
  }

  /** Whether the program came with its web page, or was given one. */
  boolean hasUi() throws IOException {
    return Http.get(url() + "/").body().contains("jaeger-ui-root");
  }

  /** The traces of a service that began after an instant, at most 1,000. */
  List<JsonNode> traces(String service, Instant since) throws IOException {
    return data(
        "/api/traces?limit=1000&service=%s&start=%d&end=%d"
            .formatted(Http.encode(service), micros(since), micros(Instant.now())));
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  /** The trace of this id, or an empty list where Jaeger knows none. */
  List<JsonNode> trace(String traceId) throws IOException {
    var response = Http.get(url() + "/api/traces/" + traceId);
    return response.statusCode() == 404 ? List.of() : data("/api/traces/" + traceId);
  }

  /** What the Monitor tab asks for: a metric of the last minute, in JSON, by operation. */
  JsonNode monitor(String metric, String service) throws IOException {
    return Http.json(
        url()
            + "/api/metrics/%s?service=%s&groupByOperation=true&quantile=0.95&lookback=60000&step=5000&ratePer=60000&spanKind=server"
                .formatted(metric, Http.encode(service)));
  }

  private List<JsonNode> data(String path) throws IOException {
    List<JsonNode> data = new ArrayList<>();
    Http.json(url() + path).path("data").forEach(data::add);
    return data;
  }

  @Override
  public void close() {
    part.close();
  }
}
