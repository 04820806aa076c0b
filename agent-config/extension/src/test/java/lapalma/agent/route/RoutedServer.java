package lapalma.agent.route;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;

/** An Undertow of this JVM, and a client of it. */
public final class RoutedServer implements AutoCloseable {
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
