package lapalma.e2e.jaeger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.TraceContext;
import lapalma.stack.DiceProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.api.Exposition;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs Jaeger with jaeger/tail-sampling.yaml laid over its configuration. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TailSamplingIT {
  private static final Duration DECIDED = Duration.ofSeconds(60);
  private static final int ROLLS = 400;
  private static final int FAILURES = 40;

  private final Path folder = SharedStack.newFolder("tail-sampling");
  private final Ports ports = FreePorts.forAll();
  @AutoClose private Jaeger jaeger;

  @BeforeAll
  void start() {
    jaeger =
        Jaeger.start(SharedStack.project(), ports, folder, Map.of(), "jaeger/tail-sampling.yaml");
  }

  @Test
  void everyErrorIsKeptAndAShareOfTheRest() throws Exception {
    List<String> rolls = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    try (DiceProcess dice =
        DiceProcess.startAttached(SharedStack.project(), ports, folder, Map.of())) {
      for (int i = 0; i < FAILURES; i++) {
        for (int j = 0; j < ROLLS / FAILURES; j++) {
          rolls.add(send(dice, "/"));
        }
        // The last request is a failure. Jaeger decides in the order of arrival, so once all
        // failures are there, no roll is still to come.
        failures.add(send(dice, "/fail"));
      }
      await()
          .atMost(DECIDED)
          .untilAsserted(() -> assertThat(kept(failures)).as("failures").isEqualTo(failures));

      // A tenth of them is kept, 40 on average. None at all: 0.9^400 < 1e-18. 100 or more: by
      // Chernoff's bound exp(-400 (0.25 ln 2.5 + 0.75 ln 0.83)) < 1e-15.
      assertThat(kept(rolls)).as("rolls").hasSizeBetween(1, 99);
    }

    await()
        .atMost(DECIDED)
        .untilAsserted(
            () -> {
              // The span metrics count dropped spans too.
              assertThat(spanMetric("GET /")).isEqualTo(ROLLS);
              assertThat(spanMetric("GET /fail")).isEqualTo(FAILURES);
            });
  }

  @ParameterizedTest
  @CsvSource({"501, any", "101, sampling.reason"})
  void everyTraceIsKeptThatIsSlowHereOrWasInTheAgent(long millis, String attribute)
      throws Exception {
    List<String> slow = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      slow.add(sendSpan(Duration.ofMillis(millis), attribute));
    }

    // By chance alone, all would be kept with a probability of 0.1^20.
    await().atMost(DECIDED).untilAsserted(() -> assertThat(kept(slow)).as("slow").isEqualTo(slow));
  }

  private static String send(DiceProcess dice, String path) throws IOException {
    var context = TraceContext.random();
    context.get(dice.url() + path);
    return context.traceId();
  }

  /** Sends a trace of one span that has an attribute, as dice is never that slow. */
  private String sendSpan(Duration duration, String attribute) throws IOException {
    var context = TraceContext.random();
    long end = Instant.now().toEpochMilli();
    String span =
        """
        {"resourceSpans": [{
          "resource": {"attributes": [
            {"key": "service.name", "value": {"stringValue": "slow"}}]},
          "scopeSpans": [{"spans": [{
            "traceId": "%s", "spanId": "%s", "name": "GET /slow", "kind": 2,
            "startTimeUnixNano": "%d000000", "endTimeUnixNano": "%d000000",
            "attributes": [{"key": "%s", "value": {"stringValue": "slow"}}]}]}]}]}
        """
            .formatted(
                context.traceId(), context.spanId(), end - duration.toMillis(), end, attribute);
    assertThat(
            Http.send(
                    HttpRequest.newBuilder(URI.create(ports.url(Port.OTLP) + "/v1/traces"))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(span)))
                .statusCode())
        .isEqualTo(200);
    return context.traceId();
  }

  private List<String> kept(List<String> traceIds) throws IOException {
    List<String> kept = new ArrayList<>();
    for (String traceId : traceIds) {
      if (!jaeger.api().trace(traceId).isEmpty()) {
        kept.add(traceId);
      }
    }
    return kept;
  }

  /** Returns the number of spans of a name that Jaeger has counted. */
  private double spanMetric(String name) throws IOException {
    return Exposition.sum(
        ports.url(Port.JAEGER_SPAN_METRICS),
        "traces_span_metrics_calls_total",
        "span_name=\"%s\"".formatted(name));
  }
}
