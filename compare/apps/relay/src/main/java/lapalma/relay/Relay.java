package lapalma.relay;

import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RoutingHandler;
import io.undertow.server.handlers.BlockingHandler;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/**
 * A second small app. It answers {@code GET /} with the answer of {@code TARGET}, which it calls
 * with the JDK's HTTP client. It shows which headers an agent adds to an outgoing call.
 */
public final class Relay {
  private Relay() {}

  public static void main(String[] args) {
    var handler = new RelayHandler(URI.create(System.getenv("TARGET")));
    Undertow.builder()
        .addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
        .setHandler(
            new RoutingHandler()
                .get("/", new BlockingHandler(handler))
                .get("/health", exchange -> exchange.getResponseSender().send("ok")))
        .build()
        .start();
  }

  private record RelayHandler(HttpClient client, URI target) implements HttpHandler {
    RelayHandler(URI target) {
      this(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build(), target);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
      HttpResponse<String> answer =
          client.send(HttpRequest.newBuilder(target).build(), HttpResponse.BodyHandlers.ofString());
      exchange.getResponseSender().send(answer.body());
    }
  }
}
