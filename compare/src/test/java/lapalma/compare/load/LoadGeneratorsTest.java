package lapalma.compare.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import lapalma.compare.Fixtures;
import lapalma.compare.LabException;
import lapalma.compare.host.CpuPinning;
import lapalma.compare.load.OpenLoad.Hit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads the output of the load generators. */
class LoadGeneratorsTest {

  @Nested
  class OfWrk {

    @Test
    void readsRequestsAndTheirTime() {
      assertThat(Wrk.parse(Fixtures.text("wrk.txt"), 0.4))
          .isEqualTo(new Load(13_988, 3.06, 0, 0.4));
    }

    @Test
    void sendsGetAndPostInTurn(@TempDir Path work) throws IOException {
      Map<String, Integer> seen = new ConcurrentHashMap<>();
      var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            seen.merge(
                exchange.getRequestMethod() + " " + exchange.getRequestURI() + body,
                1,
                Integer::sum);
            exchange.sendResponseHeaders(201, -1);
            exchange.close();
          });
      server.start();

      Load load;
      try {
        load =
            new Wrk(CpuPinning.ofMachine(0))
                .run(
                    "http://127.0.0.1:" + server.getAddress().getPort(),
                    Fixtures.apps().get("shop").load(),
                    1,
                    work);
      } finally {
        server.stop(0);
      }

      assertThat(load.failed()).isZero();
      assertThat(seen).containsOnlyKeys("GET /items/1", "POST /items/1/sales{}");
      assertThat(seen.get("POST /items/1/sales{}")).isCloseTo(seen.get("GET /items/1"), within(40));
    }

    @Test
    void countsWhatFailed() {
      assertThat(Wrk.parse(Fixtures.text("wrk-failing.txt"), 0.4).failed())
          .isEqualTo(7 + 1 + 2 + 3 + 4);
    }

    @Test
    void refusesOtherOutput() {
      assertThatThrownBy(() -> Wrk.parse("unable to connect", 1))
          .isInstanceOf(LabException.class)
          .hasMessageContaining("unable to connect");
    }
  }

  @Nested
  class OfVegeta {

    @Test
    void sendsGetAndPostInTurn(@TempDir Path work) throws IOException {
      var vegeta = new Vegeta(Path.of("vegeta"), new CpuPinning(Set.of(0), Set.of(1)));

      vegeta.attack("http://shop", Fixtures.apps().get("shop").load(), 10, 4, work.resolve("log"));

      Path body = work.resolve("body.json");
      assertThat(work.resolve("targets.txt"))
          .hasContent(
              "GET http://shop/items/1\n\nPOST http://shop/items/1/sales\nContent-Type: application/json\n@%s\n"
                  .formatted(body));
      assertThat(body).hasContent("{}");
    }

    @Test
    void readsTimesStatusAndLatency() {
      assertThat(Vegeta.parse(Fixtures.text("vegeta.csv")))
          .containsExactly(
              new Hit(1795488971620299479L, 200, 2867240),
              new Hit(1795488971620886794L, 200, 2690156),
              new Hit(1795488971620456242L, 500, 3146446));
    }
  }

  @Nested
  class OfFortio {

    @Test
    void asksForOneRequestMoreOnEachConnectionThanIsSentInTheTime() {
      var fortio = new Fortio(Path.of("fortio"), new CpuPinning(Set.of(0), Set.of(1)));
      assertThat(fortio.attack("http://dice", Fixtures.dice().load(), 1000, 4, Path.of("log")))
          .contains("-qps=1016.0", "-c=64", "-t=4s", "http://dice/");
    }

    @Test
    void readsTimeStatusAndLatency() {
      assertThat(
              Fortio.parse(
                  "latency,thread=63,ok=true value=0.000934,details=\"200\" 1795642959408950628"))
          .isEqualTo(new Hit(1795642959408950628L, 200, 934_000));
    }

    @Test
    void aRequestWithoutAnAnswerHasNoStatus() {
      assertThat(
              Fortio.parse(
                      "latency,thread=1,ok=false value=20.000321,details=\"-1\""
                          + " 1795642959408950628")
                  .status())
          .isNegative();
    }

    @Test
    void refusesOtherOutput() {
      assertThatThrownBy(() -> Fortio.parse("panic"))
          .isInstanceOf(LabException.class)
          .hasMessageContaining("panic");
    }
  }

  @Nested
  class OfAnOpenLoad {

    @Test
    void takesPercentilesOfTheLatencies() {
      var latencies = Latencies.of(everyMillisecond(1000), 1000);
      assertThat(latencies.millis(0.5)).isEqualTo(500);
      assertThat(latencies.millis(0.999)).isEqualTo(999);
      assertThat(latencies.achievedRate()).isCloseTo(1000, within(0.1));
      assertThat(latencies.delayMillis(1)).isZero();
    }

    @Test
    void seesThatTheGeneratorWasLate() {
      // Given a generator that stood still for half a second in the middle
      List<Hit> hits =
          everyMillisecond(1000).stream()
              .map(
                  hit ->
                      new Hit(
                          hit.sent() < 400_000_000 ? hit.sent() : hit.sent() + 500_000_000,
                          hit.status(),
                          hit.latency()))
              .toList();

      // When
      var latencies = Latencies.of(hits, 1000);

      // Then
      assertThat(latencies.delayMillis(0.99)).isEqualTo(500);
      assertThat(latencies.achievedRate()).isLessThan(700);
    }

    @Test
    void takesTheRequestsInAnyOrder() {
      List<Hit> hits = new ArrayList<>(everyMillisecond(1000));
      Collections.reverse(hits);
      var latencies = Latencies.of(hits, 1000);
      assertThat(latencies.achievedRate()).isCloseTo(1000, within(0.1));
      assertThat(latencies.delayMillis(1)).isZero();
    }

    private static List<Hit> everyMillisecond(int count) {
      return IntStream.range(0, count)
          .mapToObj(i -> new Hit(i * 1_000_000L, 200, (i + 1) * 1_000_000L))
          .toList();
    }
  }
}
