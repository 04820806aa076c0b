package lapalma.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.Load;
import lapalma.e2e.support.RecordedSpan;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.TestApp;
import lapalma.e2e.support.TraceContext;
import lapalma.process.FreePort;
import lapalma.process.ManagedProcess;
import lapalma.stack.DiceProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("it times an exit, which other tests on the same cores would prolong")
class StopIT {
  private static final Duration STOPS = Duration.ofMinutes(2);
  private static final Duration ARRIVES = Duration.ofSeconds(30);
  private static final Duration A_SECOND = Duration.ofSeconds(1);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Project project = SharedStack.project();
  private final Ports ports = FreePorts.forAll();
  private final Path folder = SharedStack.newFolder("stop");

  @Test
  void aStopUnderLoadLosesNoRequest() throws Exception {
    try (DiceProcess dice =
            DiceProcess.startBare(project, ports, folder, Map.of("LOG_LEVEL", "WARN"));
        Load load = Load.start(ports.of(Port.DICE), 4)) {
      load.awaitAnswered(1000);

      dice.process().terminate();

      assertThat(dice.process().awaitExit(STOPS)).isZero();
      load.awaitRefused();
      assertThat(load.lost()).isEmpty();
    }
  }

  @Test
  void aStopUnderTheAgentLosesNeitherRequestsNorSpans() throws Exception {
    try (Jaeger jaeger = Jaeger.start(project, ports, folder);
        DiceProcess dice =
            DiceProcess.startAttached(
                project, ports, folder, Map.of("LOG_LEVEL", "WARN", "DRAIN_SECONDS", "10"));
        Load load = Load.start(ports.of(Port.DICE), 1)) {
      load.awaitAnswered(100);

      dice.process().terminate();
      // As a balancer does that sees the 503 and sends the next requests elsewhere.
      await()
          .atMost(ARRIVES)
          .untilAsserted(() -> assertThat(dice.get("/health").statusCode()).isEqualTo(503));
      load.stop();

      assertThat(dice.process().awaitExit(STOPS)).isZero();
      assertThat(load.lost()).isEmpty();
      List<String> missing = new ArrayList<>();
      for (String traceId : load.answered()) {
        if (jaeger.api().trace(traceId).isEmpty()) {
          missing.add(traceId);
        }
      }
      assertThat(missing).as("of %d answered", load.answered().size()).isEmpty();
    }
  }

  @Test
  void aQuietServerDrainsForTheWholeTimeThatIsSet() throws Exception {
    try (DiceProcess dice =
        DiceProcess.startBare(project, ports, folder, Map.of("DRAIN_SECONDS", "10"))) {
      long signal = System.nanoTime();

      dice.process().terminate();

      await()
          .atMost(ARRIVES)
          .untilAsserted(
              () ->
                  assertThat(dice.get("/health").body())
                      .isEqualTo(
                          "{\"status\": \"draining\", \"app\": \"dice-api\", \"version\": \"dev\"}"));
      assertThat(dice.get("/").statusCode()).isEqualTo(200);
      List<Integer> probed = new ArrayList<>();
      // Less often than every half second: a server without requests for that long is quiet.
      await().atMost(STOPS).pollInterval(A_SECOND).until(() -> !answers(dice, probed));
      assertThat(probed).isNotEmpty().containsOnly(503);
      assertThat(dice.process().awaitExit(STOPS)).isZero();
      assertThat(Duration.ofNanos(System.nanoTime() - signal))
          .isGreaterThanOrEqualTo(Duration.ofSeconds(10));
    }
  }

  @Test
  void withoutADrainAQuietServerStopsAtOnce() throws Exception {
    try (DiceProcess dice = DiceProcess.startBare(project, ports, folder, Map.of())) {
      dice.process().terminate();

      assertThat(dice.process().awaitExit(STOPS)).isZero();
      assertThat(Duration.between(logged(dice, "Draining"), logged(dice, "Stopped")))
          .isLessThan(Duration.ofSeconds(2));
    }
  }

  /** Returns the instant at which dice logged a message. */
  private static Instant logged(DiceProcess dice, String message) throws IOException {
    for (String line : dice.process().logText().lines().toList()) {
      if (line.contains("\"" + message + "\"")) {
        return Instant.parse(JSON.readTree(line).path("@timestamp").asText());
      }
    }
    throw new AssertionError("dice did not log " + message);
  }

  /** Requests the health and adds the status; returns false when nothing listens any more. */
  private static boolean answers(DiceProcess dice, List<Integer> statuses) {
    try {
      return statuses.add(dice.get("/health").statusCode());
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void aRequestInFlightIsAnsweredBeforeTheExit() throws Exception {
    try (DiceProcess dice = DiceProcess.startBare(project, ports, folder, Map.of());
        var socket = new Socket(InetAddress.getLoopbackAddress(), ports.of(Port.DICE))) {
      socket.setSoTimeout(30_000);
      // A request with half a head is not in flight yet; one with half a body is.
      write(socket, "GET / HTTP/1.1\r\nHost: dice\r\nContent-Length: 2\r\n\r\na");

      dice.process().terminate();
      await()
          .atMost(ARRIVES)
          .untilAsserted(() -> assertThat(dice.process().logText()).contains("\"Draining\""));
      write(socket, "b");

      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 200 ");
      assertThat(dice.process().awaitExit(STOPS)).isZero();
    }
  }

  @Test
  void withoutJaegerTheAgentHoldsTheExitForNoMoreThanThreeSeconds() throws Exception {
    try (DiceProcess dice =
        DiceProcess.startAttached(project, ports, folder, Map.of("LOG_LEVEL", "WARN"))) {
      try (Load load = Load.start(ports.of(Port.DICE), 1)) {
        // More spans than the agent's queue holds, 8,192.
        load.awaitAnswered(5000);
      }
      long lastRequest = System.nanoTime();

      dice.process().terminate();

      assertThat(dice.process().awaitExit(STOPS)).isZero();
      assertThat(Duration.ofNanos(System.nanoTime() - lastRequest))
          .isLessThan(Duration.ofSeconds(3));
    }
  }

  @Test
  void theExportWaitsForRequestsThatAnOrdinaryShutdownHookDrains() throws Exception {
    int port = FreePort.find();
    String url = "http://127.0.0.1:" + port;
    try (Jaeger jaeger = Jaeger.start(project, ports, folder);
        ManagedProcess app =
            TestApp.start(
                StoppingApp.class,
                project.attachArgs(),
                ports,
                FreePort.find(),
                folder,
                url + "/ready",
                String.valueOf(port),
                "2000")) {
      var context = TraceContext.random();
      CompletableFuture<Integer> status =
          CompletableFuture.supplyAsync(() -> statusOf(context, url + "/slow"));
      await().atMost(ARRIVES).untilAsserted(() -> assertThat(app.logText()).contains("Working"));

      app.terminate();

      assertThat(status).succeedsWithin(ARRIVES).isEqualTo(200);
      assertThat(app.awaitExit(STOPS)).isEqualTo(128 + 15);
      assertThat(RecordedSpan.awaitOfTrace(jaeger, context, 1))
          .extracting(RecordedSpan::name)
          .containsExactly("GET /slow");
    }
  }

  private static int statusOf(TraceContext context, String url) {
    try {
      return context.get(url).statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Socket socket, String text) throws java.io.IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }
}
