package lapalma.agent.sampling;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpStrategySourceTest {
  private HttpServer server;
  private HttpStrategySource source;
  private int status = 200;

  @BeforeEach
  void serve() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] answer = ("of " + exchange.getRequestURI()).getBytes(UTF_8);
          exchange.sendResponseHeaders(status, answer.length);
          try (var body = exchange.getResponseBody()) {
            body.write(answer);
          }
        });
    server.start();
    source = source(Duration.ofSeconds(30));
  }

  private HttpStrategySource source(Duration patience) throws Exception {
    return new HttpStrategySource(
        URI.create(
                "http://127.0.0.1:%d/api/sampling?service=dice"
                    .formatted(server.getAddress().getPort()))
            .toURL(),
        patience);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void theAnswerIsTheBody() throws Exception {
    assertThat(source.call()).isEqualTo("of /api/sampling?service=dice");
  }

  @Test
  void anAnswerThatTakesTooLongIsNone() throws Exception {
    HttpStrategySource impatient = source(Duration.ZERO);

    assertThatIOException()
        .isThrownBy(impatient::call)
        .withMessage("its answer takes more than 0 s");
  }

  @Test
  void anotherStatusIsNoAnswer() {
    status = 503;

    assertThatIOException().isThrownBy(source::call).withMessage("it answered 503");
  }

  @Test
  void aServerThatIsAwayIsNoAnswer() {
    server.stop(0);

    assertThatIOException().isThrownBy(source::call);
  }
}
