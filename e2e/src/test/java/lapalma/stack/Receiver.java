package lapalma.stack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Whom Alertmanager tells. */
final class Receiver implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the receiver was told of one alert. */
  record Notification(String status, String name, Map<String, String> labels) {}

  private final HttpServer server;
  private final Queue<Notification> notifications = new ConcurrentLinkedQueue<>();

  /** Listens on a free port of an address. */
  Receiver(InetAddress address) throws IOException {
    server = HttpServer.create(new InetSocketAddress(address, 0), 0);
    server.createContext(
        "/",
        exchange -> {
          JsonNode told = JSON.readTree(exchange.getRequestBody());
          told.path("alerts").forEach(alert -> notifications.add(notification(alert)));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
  }

  private static Notification notification(JsonNode alert) {
    Map<String, String> labels = new LinkedHashMap<>();
    alert.path("labels").properties().forEach(l -> labels.put(l.getKey(), l.getValue().asText()));
    return new Notification(alert.path("status").asText(), labels.remove("alertname"), labels);
  }

  int port() {
    return server.getAddress().getPort();
  }

  List<Notification> notifications() {
    return List.copyOf(notifications);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
