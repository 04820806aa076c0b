package lapalma.player;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Plays against a server that answers as dice does, or not at all. */
class PlayerTest {
  private static final byte[] ROLL = "{\"dice_value\": 4}".getBytes(StandardCharsets.UTF_8);

  private final List<String> said = new CopyOnWriteArrayList<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final CountDownLatch released = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer dice;
  private URI target;
  private Thread player;

  @BeforeEach
  void start() throws IOException {
    dice = server(0);
    target = URI.create("http://127.0.0.1:" + dice.getAddress().getPort());
  }

  private HttpServer server(int port) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(threads);
    server.createContext("/", this::roll);
    server.createContext("/fail", exchange -> answer(exchange, 500));
    server.createContext("/missing", exchange -> answer(exchange, 404));
    server.start();
    return server;
  }

  private void roll(HttpExchange exchange) throws IOException {
    asked.add("/");
    exchange.sendResponseHeaders(200, ROLL.length);
    exchange.getResponseBody().write(ROLL);
    exchange.close();
  }

  private void answer(HttpExchange exchange, int status) throws IOException {
    asked.add(exchange.getRequestURI().getPath());
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  @AfterEach
  void end() throws InterruptedException {
    player.interrupt();
    player.join();
    released.countDown();
    dice.stop(0);
    threads.shutdownNow();
  }

  private void play(String rate) {
    var settings = new Settings(target, new BigDecimal(rate), 0);
    player =
        new Thread(
            () -> {
              try {
                new Player(settings, said::add).play();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the test has ended
              }
            });
    player.start();
  }

  @Test
  void itRollsAndAsksForTheTwoOtherPages() {
    play("50");

    await().until(() -> asked.contains("/missing"));
    assertThat(asked).startsWith("/", "/").containsOnlyOnce("/fail");
    assertThat(said).containsExactly("Rolling 50 times a second at " + target);
  }

  @Test
  void itGoesOnWithoutDiceAndSaysOnceThatItIsAwayAndOnceThatItIsBack() throws IOException {
    play("50");
    await().until(() -> asked.size() > 5);

    dice.stop(0);

    await().until(() -> said.size() > 1);
    assertThat(said.get(1)).startsWith(target + " does not answer (");
    await().during(Duration.ofMillis(500)).until(() -> said.size() == 2);

    asked.clear();
    dice = server(target.getPort());

    await().until(() -> asked.size() > 20);
    assertThat(said).hasSize(3).element(2).isEqualTo(target + " answers again.");
  }

  @Test
  void requestsWithoutAnAnswerDoNotPileUp() {
    List<String> waiting = new CopyOnWriteArrayList<>();
    dice.removeContext("/");
    dice.createContext(
        "/",
        exchange -> {
          waiting.add("/");
          try {
            released.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });

    play("100");

    await().until(() -> waiting.size() == Player.MOST_IN_FLIGHT);
    // Less than a request's timeout, after which others take the places.
    await().during(Duration.ofSeconds(1)).until(() -> waiting.size() == Player.MOST_IN_FLIGHT);
  }
}
