package lapalma.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.Load;
import lapalma.e2e.support.RecordedSpan;
import lapalma.e2e.support.RollLines;
import lapalma.e2e.support.SharedStack;
import lapalma.stack.DiceProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.VictoriaLogs;
import lapalma.stack.api.Exposition;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.Test;

/** What arrives in Jaeger and VictoriaLogs of the time when both were away. */
class OutageIT {
  private static final Duration OUTAGE = Duration.ofSeconds(60);
  private static final Duration ARRIVES = Duration.ofMinutes(2);
  private static final int QUEUE = 8192;
  private static final String SPANS = "otel_sdk_processor_span_processed_total";
  private static final String LINES = "otel_sdk_processor_log_processed_total";

  private final Project project = SharedStack.project();
  private final Ports ports = FreePorts.forAll();
  private final Path folder = SharedStack.newFolder("outage");

  @Test
  void ofAMinuteAtTwentyRequestsASecondNothingIsLost() throws Exception {
    try (DiceProcess dice = DiceProcess.startAttached(project, ports, folder, Map.of())) {
      List<String> answered;
      try (Load load = Load.start(ports.of(Port.DICE), 1, 50)) {
        long began = System.nanoTime();
        await()
            .atMost(OUTAGE.plus(ARRIVES))
            .until(() -> System.nanoTime() - began >= OUTAGE.toNanos());
        load.stop();
        answered = load.answered();
      }
      assertThat(answered).hasSizeGreaterThan(500);
      assertThat(dice.process().logText())
          .containsOnlyOnce(ports.url(Port.OTLP) + "/v1/traces accepts no telemetry");

      try (Jaeger jaeger = Jaeger.start(project, ports, folder);
          VictoriaLogs logs = VictoriaLogs.start(project, ports, folder)) {
        await()
            .atMost(ARRIVES)
            .untilAsserted(
                () ->
                    assertThat(RollLines.traceIds(logs))
                        .containsExactlyInAnyOrderElementsOf(answered));
        await()
            .atMost(ARRIVES)
            .untilAsserted(() -> assertThat(spans()).isEqualTo(2 * answered.size()));
        assertThat(answered)
            .allSatisfy(id -> assertThat(RecordedSpan.ofTrace(jaeger, id)).hasSize(2));
        assertThat(failed("span") + failed("log")).isZero();
        assertThat(dice.process().logText())
            .containsOnlyOnce(ports.url(Port.OTLP) + "/v1/traces answers again, after ");
      }
    }
  }

  @Test
  void whatTheQueueCannotHoldIsDroppedAndCountedExactly() throws Exception {
    try (DiceProcess dice = DiceProcess.startAttached(project, ports, folder, Map.of())) {
      int answered;
      try (Load load = Load.start(ports.of(Port.DICE), 4)) {
        load.awaitAnswered(2 * QUEUE);
        load.stop();
        answered = load.answered().size();
      }
      double droppedSpans = Exposition.sum(metrics(), SPANS, "error_type=\"queue_full\"");
      double droppedLines = Exposition.sum(metrics(), LINES, "error_type=\"queue_full\"");
      assertThat(droppedSpans).isEqualTo(2 * answered - QUEUE);
      // The line "Listening" is older.
      assertThat(droppedLines).isEqualTo(1 + answered - QUEUE);

      try (Jaeger jaeger = Jaeger.start(project, ports, folder);
          VictoriaLogs logs = VictoriaLogs.start(project, ports, folder)) {
        await().atMost(ARRIVES).untilAsserted(() -> assertThat(spans()).isEqualTo(QUEUE));
        await()
            .atMost(ARRIVES)
            .untilAsserted(() -> assertThat(RollLines.traceIds(logs)).hasSize(QUEUE - 1));
        assertThat(failed("span") + failed("log")).isZero();
      }
    }
  }

  @Test
  void clientsCannotFillTheMemoryWithLongRequests() throws Exception {
    // 6,000 spans with 15,000 characters each are 90 MB; dice takes no longer heads.
    try (DiceProcess dice =
        DiceProcess.startAttached(
            project, ports, folder, List.of("-Xmx64m"), Map.of("LOG_LEVEL", "WARN"))) {
      URI url = URI.create(dice.url() + "/?" + "q".repeat(8000));
      for (int i = 0; i < 6000; i++) {
        int status =
            Http.send(HttpRequest.newBuilder(url).header("User-Agent", "a".repeat(7000)))
                .statusCode();
        assertThat(status).isEqualTo(200);
      }

      assertThat(Exposition.sum(metrics(), SPANS, "error_type=\"queue_full\"")).isPositive();
      assertThat(dice.process().logText()).doesNotContain("OutOfMemoryError");
    }
  }

  private String metrics() {
    return ports.url(Port.AGENT_METRICS);
  }

  /** Returns how many items were refused or given up by the exporter of a signal. */
  private double failed(String signal) throws IOException {
    return Exposition.sum(
        metrics(), "otel_sdk_exporter_" + signal + "_exported_total", "error_type=\"");
  }

  /** Returns how many spans a Jaeger has taken in. */
  private double spans() throws IOException {
    return Exposition.sum(ports.url(Port.JAEGER_METRICS), "otelcol_receiver_accepted_spans_total");
  }
}
