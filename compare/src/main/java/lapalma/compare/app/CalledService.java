package lapalma.compare.app;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import lapalma.compare.LabException;

/** The service that an app calls. It records the names of the headers that it receives. */
final class CalledService implements AutoCloseable {
  /** The headers that the JDK's HTTP client sends by itself. */
  private static final Set<String> PLAIN =
      Set.of("host", "connection", "content-length", "user-agent", "http2-settings", "upgrade");

  private final HttpServer server;
  private final Set<String> added = new ConcurrentSkipListSet<>();

  CalledService() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw LabException.because("The service that the relay calls cannot listen", e);
    }
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            for (String name : exchange.getRequestHeaders().keySet()) {
              String lower = name.toLowerCase(Locale.ROOT);
              if (!PLAIN.contains(lower)) {
                added.add(lower);
              }
            }
            exchange.sendResponseHeaders(200, -1);
          }
        });
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
  }

  Set<String> added() {
    return new TreeSet<>(added);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
