package lapalma.agent.route;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;

/** An Undertow of this JVM, and a client of it. */
public final class RoutedServer implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 30_000;

  private final Undertow undertow;
  private final HttpClient client;

  private RoutedServer(Undertow undertow, HttpClient client) {
    this.undertow = undertow;
    this.client = client;
  }

  public static RoutedServer start(HttpHandler root, HttpClient.Version version) {
    Undertow undertow =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
            .setIoThreads(2)
            .setWorkerThreads(4)
            .setHandler(root)
            .build();
    undertow.start();
    return new RoutedServer(undertow, HttpClient.newBuilder().version(version).build());
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) undertow.getListenerInfo().get(0).getAddress();
  }

  public HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    return client.send(request(path, headers), HttpResponse.BodyHandlers.ofString());
  }

  public CompletableFuture<HttpResponse<String>> getAsync(String path) {
    return client.sendAsync(request(path), HttpResponse.BodyHandlers.ofString());
  }

  /** Sends all of it at once, as it is; returns all answers until the connection is closed. */
  public String send(String requests) throws IOException {
    try (var socket = new Socket(address().getAddress(), address().getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(requests.getBytes(ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  /** Sends it and closes the connection, without reading. */
  public void sendAndLeave(String request) throws IOException {
    try (var socket = new Socket(address().getAddress(), address().getPort())) {
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
    }
  }

  private HttpRequest request(String path, String... headers) {
    var request =
        HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:%d%s".formatted(address().getPort(), path)));
    return (headers.length == 0 ? request : request.headers(headers)).build();
  }

  @Override
  public void close() {
    undertow.stop();
  }
}
