package lapalma.e2e.logs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.RecordedSpan;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.SharedStack.Stack;
import lapalma.e2e.support.TraceContext;
import lapalma.stack.DiceProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedStack.class)
class LogsIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Stack stack;

  LogsIT(Stack stack) {
    this.stack = stack;
  }

  @Test
  void aLineCarriesTheIdsOfItsTraceAndSpanInJaeger() throws Exception {
    var context = TraceContext.random();

    context.get(stack.dice().url() + "/");

    RecordedSpan server = stack.awaitSpans(context, 2).get(0);
    JsonNode line =
        events(stack.dice()).stream()
            .filter(event -> event.path("trace_id").asText().equals(context.traceId()))
            .findFirst()
            .orElseThrow();
    assertThat(line.path("message").asText()).isEqualTo("Dice rolled");
    assertThat(line.path("level").asText()).isEqualTo("INFO");
    assertThat(line.path("app").asText()).isEqualTo("dice-api");
    assertThat(line.path("dice_value").asInt()).isBetween(1, 6);
    assertThat(line.path("span_id").asText()).isEqualTo(server.spanId());
  }

  @Test
  void aFailureIsLoggedWithItsStackTraceOnOneLine() throws Exception {
    var context = TraceContext.random();

    context.get(stack.dice().url() + "/fail");

    assertThat(events(stack.dice()))
        .filteredOn(event -> event.path("trace_id").asText().equals(context.traceId()))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.path("level").asText()).isEqualTo("ERROR");
              assertThat(event.path("stack_trace").asText())
                  .startsWith(
                      "lapalma.dice.FailHandler$IntentionalFailureException: Intentional failure\n");
            });
  }

  @Test
  void withoutTheAgentThereAreNoIdsAndEveryLineIsJson() throws Exception {
    var ports = FreePorts.forAll();
    try (DiceProcess dice =
        DiceProcess.startBare(
            SharedStack.project(), ports, SharedStack.newFolder("bare"), Map.of())) {
      dice.get("/");
      dice.get("/fail");

      assertThat(dice.process().logText().lines()).allMatch(line -> line.startsWith("{"));
      assertThat(events(dice))
          .extracting(event -> event.path("message").asText())
          .contains("Listening")
          // The server may answer before it logs that it listens.
          .filteredOn(message -> !message.equals("Listening"))
          .containsExactly("Dice rolled", "Request failed");
      assertThat(events(dice)).noneMatch(event -> event.has("trace_id") || event.has("span_id"));
    }
  }

  private static List<JsonNode> events(DiceProcess dice) throws IOException {
    List<JsonNode> events = new ArrayList<>();
    for (String line : dice.process().logText().lines().toList()) {
      if (line.startsWith("{")) {
        events.add(JSON.readTree(line));
      }
    }
    return events;
  }
}
