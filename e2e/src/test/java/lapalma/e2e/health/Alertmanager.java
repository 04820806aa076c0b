package lapalma.e2e.health;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lapalma.e2e.support.Closer;
import lapalma.process.FreePort;
import lapalma.process.ManagedProcess;
import lapalma.stack.Project;
import lapalma.stack.Rules;
import lapalma.stack.api.Http;

/** A real Alertmanager with the project's configuration, and its receivers. */
public final class Alertmanager implements AutoCloseable {
  private static final String RECEIVERS = "\nreceivers:\n";

  private final Closer closer = new Closer();
  private final AlertReceiver receiver =
      closer.register(new AlertReceiver(InetAddress.getLoopbackAddress()));
  private final AlertReceiver deadMansSwitch =
      closer.register(new AlertReceiver(InetAddress.getLoopbackAddress()));
  private final int port = FreePort.find();
  private final ManagedProcess process;

  /** Starts Alertmanager with a webhook for alerts and one for the dead man's switch. */
  public Alertmanager(Project project, Path data, Rules rules) throws IOException {
    this(
        project,
        data,
        rules,
        """
            webhook_configs:
              - url_file: receiver-url
        """);
  }

  /**
   * Starts Alertmanager with kinds of notifications, in which the file {@code receiver-url} names
   * the receiver. Without a kind it runs the configuration as it is, which notifies nobody.
   */
  public Alertmanager(Project project, Path data, Rules rules, String ops) throws IOException {
    try {
      process = closer.register(start(project, data, rules, ops));
      process.awaitReady(url() + "/-/ready");
    } catch (IOException | RuntimeException e) {
      try (closer) {
        throw e;
      }
    }
  }

  private ManagedProcess start(Project project, Path data, Rules rules, String ops)
      throws IOException {
    Path folder = data.resolve("alertmanager-config");
    rules.copy(project.root().resolve("prometheus/alertmanager"), folder);
    Path configuration = folder.resolve("alertmanager.yml");
    if (!ops.isEmpty()) {
      nameReceivers(
          configuration,
          ops
              + """
                - name: dead-mans-switch
                  webhook_configs:
                    - url_file: switch-url
              """);
    }
    Files.writeString(folder.resolve("receiver-url"), url(receiver));
    Files.writeString(folder.resolve("switch-url"), url(deadMansSwitch));
    return ManagedProcess.start(
        "alertmanager",
        List.of(
            Project.findProgram(project.root(), "prometheus/alertmanager").toString(),
            "--config.file=" + configuration,
            "--storage.path=" + data.resolve("alertmanager"),
            "--web.listen-address=127.0.0.1:" + port,
            "--cluster.listen-address="),
        Map.of(),
        folder,
        data.resolve("alertmanager.log"));
  }

  /**
   * Adds receivers to the project's configuration, which has none.
   *
   * @param ops the content of the receiver {@code ops}, and further receivers
   */
  public static void nameReceivers(Path configuration, String ops) throws IOException {
    String text = Files.readString(configuration);
    String route = text.substring(0, text.indexOf(RECEIVERS));
    Files.writeString(
        configuration,
        route.replace("receiver: sends-nothing", "receiver: ops")
            + RECEIVERS
            + "  - name: ops\n"
            + ops);
  }

  private static String url(AlertReceiver receiver) {
    return "http://127.0.0.1:%d/".formatted(receiver.port());
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Returns the address in the form of Prometheus' targets. */
  public String target() {
    return "[\"127.0.0.1:%d\"]".formatted(port);
  }

  AlertReceiver receiver() {
    return receiver;
  }

  /** Returns the receiver of the dead man's switch, which is called as long as alerting works. */
  AlertReceiver deadMansSwitch() {
    return deadMansSwitch;
  }

  public List<AlertReceiver.Notification> notifications() {
    return receiver.notifications();
  }

  /** Returns its alerts of a name. */
  List<JsonNode> alertsNamed(String name) throws IOException {
    List<JsonNode> alerts = new ArrayList<>();
    Http.json("%s/api/v2/alerts?filter=%s".formatted(url(), Http.encode("alertname=" + name)))
        .forEach(alerts::add);
    return alerts;
  }

  /** Returns the labels of its alerts of a name, without the name. */
  public List<Map<String, String>> alerts(String name) throws IOException {
    List<Map<String, String>> alerts = new ArrayList<>();
    for (JsonNode alert : alertsNamed(name)) {
      Map<String, String> labels = new TreeMap<>();
      alert.path("labels").properties().forEach(l -> labels.put(l.getKey(), l.getValue().asText()));
      labels.remove("alertname");
      alerts.add(labels);
    }
    return alerts;
  }

  /** Sends SIGKILL, and waits until the process has ended. */
  void kill() {
    process.kill();
    process.awaitExit(Duration.ofSeconds(10));
  }

  @Override
  public void close() {
    closer.close();
  }
}
