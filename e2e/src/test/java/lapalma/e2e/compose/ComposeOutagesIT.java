package lapalma.e2e.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lapalma.e2e.support.Load;
import lapalma.e2e.support.RollLines;
import lapalma.e2e.support.SharedStack;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stops, kills and restarts what stores the data, under requests, and measures what is lost:
 * docs/reliability.md has the promises. Every test leaves the stack healthy.
 */
@Tag("compose")
@EnabledIf(
    value = "lapalma.e2e.compose.ComposeStack#engineAnswers",
    disabledReason = "No Docker engine answers: no container was broken")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ComposeOutagesIT {
  private static final Duration RECOVERS = ComposeStack.HEALTHY;
  private static final Duration OUTAGE = Duration.ofSeconds(60);

  @AutoClose
  private final ComposeStack stack =
      new ComposeStack(SharedStack.newFolder("compose-outages"), Map.of());

  @BeforeAll
  void start() {
    stack.up();
  }

  @Test
  void withoutJaegerForAMinuteNoRequestFailsAndNoTraceIsLost() throws Exception {
    Instant start = Instant.now();
    List<String> answered;
    String latency;
    try (Load load = Load.start(stack.port("PORT"), 5, 250)) {
      load.awaitAnswered(200);
      stack.compose("stop", "--timeout", "10", "jaeger");
      Instant stopped = Instant.now();
      ComposeStack.awaitUntil(stopped.plus(OUTAGE));
      latency = latency("before", start, stopped) + latency("during", stopped, Instant.now());
      stack.compose("start", "jaeger");
      stack.awaitHealthy("jaeger");
      load.stop();
      answered = load.answered();
      assertThat(load.lost()).isEmpty();
    }

    await()
        .atMost(RECOVERS)
        .untilAsserted(() -> assertThat(stack.missingTraces(answered)).isEmpty());
    System.out.printf(
        "Jaeger stopped for %d s: %d requests, 0 failed, 0 traces missing;%s%n",
        OUTAGE.toSeconds(), answered.size(), latency);
  }

  @Test
  void tracesOutliveAJaegerThatIsKilled() throws Exception {
    List<String> stored = rollAHundredTimes();
    await().atMost(RECOVERS).untilAsserted(() -> assertThat(stack.missingTraces(stored)).isEmpty());

    stack.killAndAwaitTheNext("jaeger");

    stack.awaitHealthy("jaeger");
    List<String> missing = stack.missingTraces(stored);
    System.out.printf(
        "Jaeger killed: %d of %d traces that were there are missing%n",
        missing.size(), stored.size());
    assertThat(missing).isEmpty();
  }

  @Test
  void withoutVictoriaLogsForAMinuteNoRequestFailsAndNoLineIsLost() throws Exception {
    List<String> answered;
    try (Load load = Load.start(stack.port("PORT"), 5, 250)) {
      load.awaitAnswered(200);
      stack.compose("stop", "--timeout", "10", "victorialogs");
      ComposeStack.awaitUntil(Instant.now().plus(OUTAGE));
      stack.compose("start", "victorialogs");
      load.stop();
      answered = load.answered();
      assertThat(load.lost()).isEmpty();
    }

    await()
        .atMost(RECOVERS)
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(() -> assertThat(withoutLine(answered)).isEmpty());
    System.out.printf(
        "VictoriaLogs stopped for %d s: %d requests, 0 failed, 0 lines missing%n",
        OUTAGE.toSeconds(), answered.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"restarted", "made anew", "killed"})
  void logLinesOutliveAVictoriaLogsThatIs(String fate) throws Exception {
    List<String> stored = rollAHundredTimes();
    await().atMost(RECOVERS).untilAsserted(() -> assertThat(withoutLine(stored)).isEmpty());

    switch (fate) {
      case "restarted" -> stack.compose("restart", "victorialogs");
      case "made anew" ->
          stack.compose("up", "--detach", "--force-recreate", "--no-deps", "victorialogs");
      default -> {
        // What it holds in memory would be lost: it writes that every 5 s.
        await()
            .atMost(RECOVERS)
            .untilAsserted(
                () -> assertThat(RollLines.inMemory(stack.victoriaLogs().url())).isZero());
        stack.killAndAwaitTheNext("victorialogs");
      }
    }

    List<String> missing =
        await()
            .atMost(RECOVERS)
            .ignoreExceptionsInstanceOf(IOException.class)
            .until(() -> withoutLine(stored), unseen -> true);
    System.out.printf(
        "VictoriaLogs %s: %d of %d lines that were there are missing%n",
        fate, missing.size(), stored.size());
    assertThat(missing).isEmpty();
  }

  @Test
  void aPrometheusThatRestartsHasAGapNoLongerThanItsOutage() throws Exception {
    await()
        .atMost(RECOVERS)
        .untilAsserted(
            () ->
                assertThat(stack.scrapes(Instant.now().minusSeconds(30), Instant.now()))
                    .hasSizeGreaterThan(4));
    Instant stopped = Instant.now();
    stack.compose("restart", "prometheus");
    stack.awaitHealthy("prometheus");
    Instant ready = Instant.now();
    await()
        .atMost(RECOVERS)
        .untilAsserted(() -> assertThat(stack.scrapes(ready, Instant.now())).hasSizeGreaterThan(2));

    List<Double> scrapes = stack.scrapes(stopped.minusSeconds(30), Instant.now());
    double gap = 0;
    for (int i = 1; i < scrapes.size(); i++) {
      gap = Math.max(gap, scrapes.get(i) - scrapes.get(i - 1));
    }
    double outage = Duration.between(stopped, ready).toMillis() / 1000.0;
    System.out.printf("Prometheus restarted: away %.1f s, gap %.1f s%n", outage, gap);
    // Prometheus scrapes every 5 s, at a moment that it chooses.
    assertThat(gap).isLessThan(outage + 10).isGreaterThan(1);
  }

  /** Returns the traces of at least a hundred rolls. */
  private List<String> rollAHundredTimes() {
    try (Load load = Load.start(stack.port("PORT"), 2, 100)) {
      load.awaitAnswered(100);
      load.stop();
      return load.answered();
    }
  }

  /** Returns the traces without a line in VictoriaLogs. */
  private List<String> withoutLine(List<String> traceIds) throws IOException {
    List<String> missing = new ArrayList<>(traceIds);
    // An address has room for some hundred.
    for (int from = 0; from < traceIds.size(); from += 200) {
      String some = String.join(",", traceIds.subList(from, Math.min(from + 200, traceIds.size())));
      for (JsonNode line :
          stack
              .victoriaLogs()
              .query("_time:1h trace_id:in(%s) | uniq by (trace_id)".formatted(some))) {
        missing.remove(line.path("trace_id").asText());
      }
    }
    return missing;
  }

  private double single(String promql) {
    try {
      List<JsonNode> result = stack.prometheus().query(promql);
      return result.isEmpty() ? 0 : result.get(0).at("/value/1").asDouble();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String latency(String when, Instant from, Instant to) {
    long seconds = Math.max(5, Duration.between(from, to).toSeconds());
    String buckets =
        "sum by (le) (rate(http_server_request_duration_seconds_bucket{http_route=\"/\"}[%ds] @ %d))"
            .formatted(seconds, to.getEpochSecond());
    return " %s: p50 %.1f ms, p99 %.1f ms"
        .formatted(
            when,
            1000 * single("histogram_quantile(0.5, %s)".formatted(buckets)),
            1000 * single("histogram_quantile(0.99, %s)".formatted(buckets)));
  }
}
