package lapalma.e2e.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.Load;
import lapalma.e2e.support.RollLines;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.SharedStack.Stack;
import lapalma.e2e.support.TraceContext;
import lapalma.stack.DiceProcess;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.VictoriaLogs;
import lapalma.stack.api.Exposition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What of dice's log is found in VictoriaLogs. */
@ExtendWith(SharedStack.class)
class LogExportIT {
  /** The time within which a line has to be found. */
  private static final Duration FOUND = Duration.ofSeconds(5);

  private static final Duration STOPS = Duration.ofSeconds(30);

  private final Stack stack;
  private final Ports ports = FreePorts.forAll();
  private final Path folder = SharedStack.newFolder("logs");

  LogExportIT(Stack stack) {
    this.stack = stack;
  }

  @Test
  void aRollsLineIsFoundByItsTraceWithItsValueAndItsSource() throws Exception {
    var context = TraceContext.random();

    String answer = context.get(stack.dice().url() + "/").body();

    JsonNode line = awaitLine(stack.logs(), context.traceId());
    Map<String, String> fields = fields(line);
    assertThat(fields)
        .containsEntry("_msg", "Dice rolled")
        .containsEntry("severity_text", "INFO")
        .containsEntry("scope.name", "lapalma.dice.RollHandler")
        .containsEntry("trace_id", context.traceId())
        .containsEntry("span_id", stack.awaitSpans(context, 2).get(0).spanId())
        .containsEntry("service.name", "dice")
        .containsEntry("service.version", "1.2.3");
    assertThat(fields.get("_stream"))
        .matches(
            "\\{deployment\\.environment\\.name=\"local\",service\\.instance\\.id=\"[0-9a-f-]{36}\",service\\.name=\"dice\"}");
    assertThat(answer).isEqualTo("{\"dice_value\": %s}".formatted(fields.get("dice_value")));
    // Command lines carry secrets.
    assertThat(fields).doesNotContainKeys("process.command_args", "process.command_line");
  }

  @Test
  void aFailuresLineHasItsException() throws Exception {
    var context = TraceContext.random();

    context.get(stack.dice().url() + "/fail");

    Map<String, String> fields = fields(awaitLine(stack.logs(), context.traceId()));
    assertThat(fields)
        .containsEntry("_msg", "Request failed")
        .containsEntry("severity_text", "ERROR")
        .containsEntry("exception.type", "lapalma.dice.FailHandler.IntentionalFailureException")
        .containsEntry("exception.message", "Intentional failure");
    assertThat(fields.get("exception.stacktrace")).contains("at lapalma.dice.FailHandler");
  }

  @Test
  void ofRequestsThatAreNotSampledOnlyWarningsAndErrorsAreFound() throws Exception {
    var roll = TraceContext.random();
    var failure = TraceContext.random();

    roll.getUnsampled(stack.dice().url() + "/");
    failure.getUnsampled(stack.dice().url() + "/fail");

    // Lines of one app arrive in their order.
    assertThat(fields(awaitLine(stack.logs(), failure.traceId())))
        .containsEntry("_msg", "Request failed");
    assertThat(stack.logs().api().trace(roll.traceId())).isEmpty();
    assertThat(stack.dice().process().logText()).contains(roll.traceId());
  }

  @Test
  void whatIsLoggedOutsideOfRequestsIsFoundAndTheLastLinesToo() throws Exception {
    try (VictoriaLogs logs = VictoriaLogs.start(SharedStack.project(), ports, folder)) {
      try (DiceProcess dice = startDice(Map.of())) {
        dice.process().terminate();
        assertThat(dice.process().awaitExit(STOPS)).isZero();
      }

      await()
          .atMost(FOUND)
          .untilAsserted(
              () ->
                  assertThat(logs.api().query("_time:1h"))
                      .extracting(line -> line.path("_msg").asText())
                      .containsExactlyInAnyOrder("Listening", "Draining", "Stopped"));
      assertThat(taken(logs)).isEqualTo(3);
    }
  }

  @Test
  void switchedOffNothingIsSentAndTheLogOnStdoutStays() throws Exception {
    try (VictoriaLogs logs = VictoriaLogs.start(SharedStack.project(), ports, folder);
        DiceProcess dice = startDice(Map.of("LOG_EXPORT", "false"))) {
      var context = TraceContext.random();
      context.get(dice.url() + "/fail");

      dice.process().terminate();

      assertThat(dice.process().awaitExit(STOPS)).isZero();
      assertThat(dice.process().logText()).contains(context.traceId());
      // A query finds a line up to a second after it was taken in.
      assertThat(taken(logs)).isZero();
    }
  }

  /** Returns how many lines were taken in. A VictoriaLogs without a line has no such metric. */
  private static double taken(VictoriaLogs logs) throws IOException {
    return Exposition.sum(logs.url(), "vl_rows_ingested_total");
  }

  @Test
  void underLoadEachLineIsFoundOnce() throws Exception {
    try (VictoriaLogs logs = VictoriaLogs.start(SharedStack.project(), ports, folder);
        DiceProcess dice = startDice(Map.of());
        Load load = Load.start(ports.of(Port.DICE), 4, 5)) {
      load.awaitAnswered(1000);
      load.stop();
      assertThat(load.lost()).isEmpty();

      await()
          .atMost(FOUND)
          .untilAsserted(
              () ->
                  assertThat(RollLines.traceIds(logs))
                      .containsExactlyInAnyOrderElementsOf(load.answered()));
      assertThat(RollLines.lost(ports)).isZero();
    }
  }

  private static JsonNode awaitLine(VictoriaLogs logs, String traceId) {
    return await()
        .atMost(FOUND)
        .until(() -> logs.api().trace(traceId), lines -> lines.size() == 1)
        .get(0);
  }

  private static Map<String, String> fields(JsonNode line) {
    Map<String, String> fields = new TreeMap<>();
    line.properties().forEach(field -> fields.put(field.getKey(), field.getValue().asText()));
    return fields;
  }

  private DiceProcess startDice(Map<String, String> extra) {
    return DiceProcess.startAttached(SharedStack.project(), ports, folder, extra);
  }
}
