package lapalma.compare.backend;

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
import java.util.EnumSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import lapalma.compare.LabException;
import lapalma.compare.plan.Protocol;
import lapalma.process.FreePort;

/**
 * Replaces the backend of an agent. It answers each protocol as that backend does, so that the
 * agent does all its work. It counts the bytes and the server spans that arrive, and can keep the
 * requests.
 */
public final class FakeBackend implements AutoCloseable {
  /** The protocols of which it reads each request, to count its spans. */
  private static final Set<Protocol> READ = EnumSet.of(Protocol.OTLP, Protocol.DATADOG);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Protocol protocol;
  private final Certificate certificate;
  private final boolean keeps;
  private final AtomicLong bytes = new AtomicLong();

  /** The server spans that arrived, by the millisecond in which they began. */
  private final NavigableMap<Long, Integer> serverSpans = new ConcurrentSkipListMap<>();

  private final List<CapturedRequest> captured = new CopyOnWriteArrayList<>();
  private final int port;
  private final StatsdReceiver statsd = new StatsdReceiver(this::receive);
  private HttpServer server;

  private FakeBackend(Protocol protocol, Certificate certificate, boolean keeps) {
    this.protocol = protocol;
    this.certificate = certificate;
    this.keeps = keeps;
    // Not a port of the kernel's choice: such a one could be taken while the backend is down.
    this.port = FreePort.find();
    this.server = listen(port);
  }

  /** Starts a backend that counts. */
  public static FakeBackend counting(Protocol protocol, Certificate certificate) {
    return new FakeBackend(protocol, certificate, false);
  }

  /** Starts a backend that counts and keeps the requests. */
  public static FakeBackend keeping(Protocol protocol, Certificate certificate) {
    return new FakeBackend(protocol, certificate, true);
  }

  private HttpServer listen(int at) {
    try {
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), at);
      HttpServer listening;
      // New Relic's agent speaks only TLS.
      if (protocol == Protocol.NEW_RELIC) {
        var secure = HttpsServer.create(address, 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
        listening = secure;
      } else {
        listening = HttpServer.create(address, 0);
      }
      listening.setExecutor(threads);
      listening.createContext("/", this::receive);
      listening.start();
      return listening;
    } catch (IOException e) {
      throw LabException.because("The fake backend cannot listen", e);
    }
  }

  /** Stops listening: connections are refused. */
  public void down() {
    server.stop(0);
  }

  /** Listens again, on the same port. */
  public void up() {
    server = listen(port);
  }

  public int port() {
    return port;
  }

  /** Returns the port for StatsD metrics over UDP. */
  public int statsdPort() {
    return statsd.port();
  }

  /** Returns the address for agents that speak HTTP without TLS. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Returns the bytes of all request bodies so far, as they came over the wire. */
  public long bytes() {
    return bytes.get();
  }

  /**
   * Returns the number of server spans that have arrived and began in an interval, in milliseconds
   * since 1970; 0 where the protocol's spans are not counted.
   */
  public long serverSpans(long from, long to) {
    return serverSpans.subMap(from, to).values().stream().mapToLong(Integer::longValue).sum();
  }

  public List<CapturedRequest> captured() {
    return List.copyOf(captured);
  }

  private void receive(byte[] packet) {
    bytes.addAndGet(packet.length);
    if (keeps) {
      captured.add(new CapturedRequest(CapturedRequest.STATSD, packet));
    }
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] wire = read(exchange.getRequestBody());
      boolean needsBody = keeps || READ.contains(protocol);
      byte[] body =
          needsBody
              ? CapturedRequest.uncompressed(
                  exchange.getRequestHeaders().getFirst("Content-Encoding"), wire)
              : wire;
      String target = exchange.getRequestURI().toString();
      var request = new CapturedRequest(target, body);
      if (keeps) {
        captured.add(request);
      } else {
        Decoder.of(protocol)
            .readServerSpans(request, milli -> serverSpans.merge(milli, 1, Integer::sum));
      }
      FakeResponses.Response response = FakeResponses.to(protocol, target);
      byte[] text = response.body().getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", response.contentType());
      exchange.sendResponseHeaders(response.status(), text.length == 0 ? -1 : text.length);
      if (text.length > 0) {
        exchange.getResponseBody().write(text);
      }
    }
  }

  // In pieces: Elastic's agent keeps a request open for seconds and writes to it now and then.
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
    statsd.close();
    threads.shutdownNow();
  }
}
