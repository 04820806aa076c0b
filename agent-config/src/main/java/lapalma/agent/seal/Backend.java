package lapalma.agent.seal;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;

/** Takes the place of the backends, so that the agent loads its exporters and its sampler. */
final class Backend implements AutoCloseable {
  private static final byte[] ALL_TRACES =
      "{\"strategyType\": \"PROBABILISTIC\", \"probabilisticSampling\": {\"samplingRate\": 1}}"
          .getBytes(UTF_8);

  private final HttpServer server;

  private Backend(HttpServer server) {
    this.server = server;
  }

  static Backend start() throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            boolean asks = exchange.getRequestMethod().equals("GET");
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, asks ? ALL_TRACES.length : -1);
            if (asks) {
              exchange.getResponseBody().write(ALL_TRACES);
            }
          }
        });
    server.start();
    return new Backend(server);
  }

  Map<String, String> environment() {
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    return Map.of(
        "OTEL_EXPORTER_OTLP_ENDPOINT", url,
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", url + "/v1/traces",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", url + "/v1/metrics",
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", url + "/v1/logs",
        "OTEL_EXPORTER_PROMETHEUS_PORT", "0",
        "JAEGER_SAMPLING_ENDPOINT", url + "/api/sampling");
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
