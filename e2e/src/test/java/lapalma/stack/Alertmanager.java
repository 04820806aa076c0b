package lapalma.stack;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A real Alertmanager with the project's configuration, and the receiver that it tells. */
final class Alertmanager implements AutoCloseable {
  private final Receiver receiver = new Receiver(InetAddress.getLoopbackAddress());
  private final int port = FreePorts.one();
  private final Part part;

  Alertmanager(Project project, Path data, Rules rules) throws IOException {
    Path folder = data.resolve("alertmanager-config");
    rules.copy(project.root().resolve("prometheus/alertmanager"), folder);
    Files.writeString(folder.resolve("receiver-url"), "http://127.0.0.1:" + receiver.port() + "/");
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
    try {
      part.awaitReady("http://127.0.0.1:" + port + "/-/ready");
    } catch (RuntimeException e) {
      receiver.close();
      throw e;
    }
  }

  /** As Prometheus wants its targets. */
  String target() {
    return "[\"127.0.0.1:%d\"]".formatted(port);
  }

  List<Receiver.Notification> notifications() {
    return receiver.notifications();
  }

  /** The labels of each of its alerts of a name, but for the name. */
  List<Map<String, String>> alerts(String name) throws IOException {
    List<Map<String, String>> alerts = new ArrayList<>();
    for (JsonNode alert :
        Http.json(
            "http://127.0.0.1:%d/api/v2/alerts?filter=%s"
                .formatted(port, Http.encode("alertname=" + name)))) {
      Map<String, String> labels = new TreeMap<>();
      alert.path("labels").properties().forEach(l -> labels.put(l.getKey(), l.getValue().asText()));
      labels.remove("alertname");
      alerts.add(labels);
    }
    return alerts;
  }

  @Override
  public void close() {
    part.close();
    receiver.close();
  }
}
