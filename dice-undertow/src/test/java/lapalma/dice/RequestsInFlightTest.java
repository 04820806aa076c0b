package lapalma.dice;

import static org.assertj.core.api.Assertions.assertThat;

import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RequestsInFlightTest {
  private final CountDownLatch arrived = new CountDownLatch(1);
  private final CountDownLatch mayFinish = new CountDownLatch(1);
  private final RequestsInFlight requests = new RequestsInFlight(dispatched(this::answer));
  private Undertow undertow;

  private void answer(io.undertow.server.HttpServerExchange exchange) throws InterruptedException {
    arrived.countDown();
    mayFinish.await(30, TimeUnit.SECONDS);
    exchange.getResponseSender().send("done");
  }

  private static HttpHandler dispatched(HttpHandler handler) {
    return exchange -> exchange.dispatch(handler);
  }

  @BeforeEach
  void start() {
    undertow = Undertow.builder().addHttpListener(0, "127.0.0.1").setHandler(requests).build();
    undertow.start();
  }

  @AfterEach
  void stop() {
    undertow.stop();
  }

  @Test
  void waitingEndsAtTheLimitAndCountsWhatIsStillInFlight() throws Exception {
    CompletableFuture<HttpResponse<String>> response = send();
    arrived.await();

    assertThat(requests.awaitQuiet(Duration.ofMillis(200))).isFalse();
    assertThat(requests.count()).isEqualTo(1);

    mayFinish.countDown();
    assertThat(response.get(30, TimeUnit.SECONDS).body()).isEqualTo("done");
  }

  @Test
  void waitingEndsWhenTheLastRequestIsAnswered() throws Exception {
    CompletableFuture<HttpResponse<String>> response = send();
    arrived.await();
    requests.drain(Duration.ZERO);
    CompletableFuture<Boolean> quiet =
        CompletableFuture.supplyAsync(() -> requests.awaitQuiet(Duration.ofSeconds(30)));
    assertThat(quiet).isNotDone();

    mayFinish.countDown();

    assertThat(quiet).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(true);
    assertThat(response.get(30, TimeUnit.SECONDS).body()).isEqualTo("done");
  }

  @Test
  void whileDrainingEachConnectionIsClosedAfterItsAnswer() throws Exception {
    mayFinish.countDown();
    assertThat(send().get(30, TimeUnit.SECONDS).headers().firstValue("connection"))
        .contains("keep-alive");

    requests.drain(Duration.ZERO);

    assertThat(send().get(30, TimeUnit.SECONDS).headers().firstValue("connection"))
        .contains("close");
  }

  private CompletableFuture<HttpResponse<String>> send() {
    var address = (InetSocketAddress) undertow.getListenerInfo().get(0).getAddress();
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .build()
        .sendAsync(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort())).build(),
            HttpResponse.BodyHandlers.ofString());
  }
}
