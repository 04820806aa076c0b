package lapalma.compare;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands where the backend would: it answers each protocol as its backend does, so that the agent
 * does all its work, counts what arrives, and keeps it where it will be read back.
 */
final class Sink implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Protocol protocol;
  private final boolean keeps;
  private final AtomicLong bytes = new AtomicLong();
  private final List<Received> received = new CopyOnWriteArrayList<>();

  private Sink(HttpServer server, Protocol protocol, boolean keeps) {
    this.server = server;
    this.protocol = protocol;
    this.keeps = keeps;
  }

  /** Listens on any free port, and keeps nothing of what it counts. */
  static Sink counting(Protocol protocol, Certificate certificate) {
    return start(protocol, certificate, 0, false);
  }

  /** Listens on a port (0: any that is free) and keeps what it receives. */
  static Sink keeping(Protocol protocol, Certificate certificate, int port) {
    return start(protocol, certificate, port, true);
  }

  private static Sink start(Protocol protocol, Certificate certificate, int port, boolean keeps) {
    try {
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      HttpServer server;
      // New Relic's agent speaks nothing but TLS.
      if (protocol == Protocol.NEW_RELIC) {
        var secure = HttpsServer.create(address, 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
        server = secure;
      } else {
        server = HttpServer.create(address, 0);
      }
      var sink = new Sink(server, protocol, keeps);
      server.setExecutor(sink.threads);
      server.createContext("/", sink::receive);
      server.start();
      return sink;
    } catch (IOException e) {
      throw new LabException("A stand-in for a backend cannot listen.", e);
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  /** What has arrived so far, as it came over the wire, without HTTP's own heads. */
  long bytes() {
    return bytes.get();
  }

  List<Received> received() {
    return List.copyOf(received);
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] wire = read(exchange.getRequestBody());
      boolean needsBody = keeps || protocol == Protocol.APPLICATION_INSIGHTS;
      byte[] body =
          needsBody
              ? Received.uncompressed(
                  exchange.getRequestHeaders().getFirst("Content-Encoding"), wire)
              : wire;
      String target = exchange.getRequestURI().toString();
      if (keeps) {
        received.add(new Received(exchange.getRequestMethod(), target, body));
      }
      Answers.Answer answer = Answers.to(protocol, target, body);
      byte[] text = answer.body().getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", answer.contentType());
      exchange.sendResponseHeaders(answer.status(), text.length == 0 ? -1 : text.length);
      if (text.length > 0) {
        exchange.getResponseBody().write(text);
      }
    }
  }

  // By pieces: Elastic's agent keeps one request open for seconds and writes to it now and then.
  private byte[] read(InputStream stream) throws IOException {
    var all = new ByteArrayOutputStream();
    byte[] piece = new byte[16 * 1024];
    for (int length = stream.read(piece); length >= 0; length = stream.read(piece)) {
      bytes.addAndGet(length);
      all.write(piece, 0, length);
    }
    return all.toByteArray();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
