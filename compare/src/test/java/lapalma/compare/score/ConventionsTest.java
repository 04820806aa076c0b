package lapalma.compare.score;

import static io.opentelemetry.proto.logs.v1.SeverityNumber.SEVERITY_NUMBER_INFO;
import static io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_SERVER;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import lapalma.compare.result.Score.Name;
import lapalma.compare.result.Score.Trouble;
import org.junit.jupiter.api.Test;

class ConventionsTest {
  private final Conventions conventions = new Conventions(Registry.read());

  @Test
  void namesOfTheConventionsAreNotMentioned() {
    Sent right =
        Sent.byDice()
            .span(
                SPAN_KIND_SERVER,
                "GET",
                "01",
                "",
                // A template of the conventions, and an attribute that may stand anywhere.
                Map.of("http.request.header.accept", "*/*", "thread.name", "main"))
            .counter("http.server.request.duration", "s", Map.of("http.route", "/"))
            .log(SEVERITY_NUMBER_INFO, "INFO", Map.of("exception.type", "X"));
    assertThat(conventions.troubles(right.arrived())).isEmpty();
  }

  @Test
  void eachOtherNameIsCountedAndExplained() {
    Map<String, String> attributes =
        Map.of("dice.value", "6", "code.filepath", "Dice.java", "service.name", "dice");
    Sent wrong =
        Sent.byDice()
            .span(SPAN_KIND_SERVER, "GET", "01", "", attributes)
            .span(SPAN_KIND_SERVER, "GET", "02", "", Map.of("dice.value", "5"))
            .counter("dice.rolls", "{roll}", Map.of())
            .counter("http.server.request.duration", "ms", Map.of())
            .counter("http.server.request.duration", "s", Map.of())
            .counter("process.runtime.jvm.memory.usage", "By", Map.of());

    assertThat(conventions.troubles(wrong.arrived()))
        .containsExactly(
            new Name(Trouble.UNKNOWN, "metric name", "dice.rolls", 1, ""),
            new Name(Trouble.UNKNOWN, "metric name", "process.runtime.jvm.memory.usage", 1, ""),
            new Name(Trouble.UNKNOWN, "span", "dice.value", 2, ""),
            new Name(Trouble.DEPRECATED, "span", "code.filepath", 1, "Use code.file.path."),
            new Name(Trouble.MISPLACED, "span", "service.name", 1, "Belongs on: resource."),
            new Name(
                Trouble.OTHER_UNIT,
                "metric name",
                "http.server.request.duration",
                1,
                "ms instead of s."));
  }

  @Test
  void theRegistryIsThatOfTheNamedVersion() {
    Registry registry = Registry.read();
    assertThat(registry.version()).isEqualTo("1.44.0");
    assertThat(registry.attributes()).hasSizeGreaterThan(850);
    assertThat(registry.metrics()).hasSizeGreaterThan(500);
    assertThat(registry.metric("cpu.time").orElseThrow().deprecated())
        .isEqualTo("Use system.cpu.time.");
  }
}
