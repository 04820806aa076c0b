package lapalma.stack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A real Alertmanager with the project's configuration, and the receiver that it tells. */
final class Alertmanager implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the receiver was told of one alert. */
  record Notification(String status, String name, Map<String, String> labels) {}

  private final HttpServer receiver;
  private final Queue<Notification> notifications = new ConcurrentLinkedQueue<>();
  private final int port = FreePorts.one();
  private final Part part;

  Alertmanager(Project project, Path data, Rules rules) throws IOException {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          JsonNode told = JSON.readTree(exchange.getRequestBody());
          told.path("alerts").forEach(alert -> notifications.add(notification(alert)));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    receiver.start();
    Path folder = data.resolve("alertmanager-config");
    rules.copy(project.root().resolve("prometheus/alertmanager"), folder);
    Files.writeString(
        folder.resolve("receiver-url"),
        "http://127.0.0.1:" + receiver.getAddress().getPort() + "/");
    part =
        Part.start(
            "alertmanager",
            List.of(
                Project.findProgram(project.root(), "prometheus/alertmanager").toString(),
                "--config.file=" + folder.resolve("alertmanager.yml"),
                "--storage.path=" + data.resolve("alertmanager"),
                "--web.listen-address=127.0.0.1:" + port,
                "--cluster.listen-address="),
            Map.of(),
            folder,
            data.resolve("alertmanager.log"));
    part.awaitReady("http://127.0.0.1:" + port + "/-/ready");
  }

  private static Notification notification(JsonNode alert) {
    Map<String, String> labels = new LinkedHashMap<>();
    alert.path("labels").properties().forEach(l -> labels.put(l.getKey(), l.getValue().asText()));
    return new Notification(alert.path("status").asText(), labels.remove("alertname"), labels);
  }

  /** As Prometheus wants its targets. */
  String target() {
    return "[\"127.0.0.1:%d\"]".formatted(port);
  }

  List<Notification> notifications() {
    return List.copyOf(notifications);
  }

  @Override
  public void close() {
    part.close();
    receiver.stop(0);
  }
}
