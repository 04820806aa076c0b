package lapalma.e2e.health;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The receiver of Alertmanager's notifications. */
public final class AlertReceiver implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** One alert of a notification. */
  public record Notification(String status, String name, Map<String, String> labels) {}

  private final HttpServer server;
  private final Queue<JsonNode> messages = new ConcurrentLinkedQueue<>();

  /** Listens on a free port of an address. */
  public AlertReceiver(InetAddress address) throws IOException {
    server = HttpServer.create(new InetSocketAddress(address, 0), 0);
    server.createContext(
        "/",
        exchange -> {
          messages.add(JSON.readTree(exchange.getRequestBody()));
          // Slack answers "ok". Alertmanager repeats a message that gets another answer.
          exchange.sendResponseHeaders(200, 2);
          exchange.getResponseBody().write(new byte[] {'o', 'k'});
          exchange.close();
        });
    server.start();
  }

  private static Notification notification(JsonNode alert) {
    Map<String, String> labels = new LinkedHashMap<>();
    alert.path("labels").properties().forEach(l -> labels.put(l.getKey(), l.getValue().asText()));
    return new Notification(alert.path("status").asText(), labels.remove("alertname"), labels);
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /** Returns the body of each request. */
  List<JsonNode> messages() {
    return List.copyOf(messages);
  }

  /** Returns the alerts of all notifications of a webhook. */
  public List<Notification> notifications() {
    List<Notification> notifications = new ArrayList<>();
    messages.forEach(
        message -> message.path("alerts").forEach(alert -> notifications.add(notification(alert))));
    return notifications;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
