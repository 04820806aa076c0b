package lapalma.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.RecordedSpan;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.SharedStack.Stack;
import lapalma.e2e.support.TraceContext;
import lapalma.stack.DiceProcess;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.StackException;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs the app under the real agent with variables that are empty or malformed, or name a port that
 * is taken.
 */
@ExtendWith(SharedStack.class)
class EnvironmentIT {
  private static final Duration ARRIVES = Duration.ofSeconds(60);

  private static final Map<String, String> EMPTY =
      Stream.of(
              "OTEL_SERVICE_NAME",
              "APP_VERSION",
              "DEPLOYMENT_ENVIRONMENT",
              "OTEL_RESOURCE_ATTRIBUTES",
              "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
              "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
              "LOG_EXPORT",
              "JAEGER_SAMPLING_ENDPOINT",
              "SAMPLING_FOLLOW_CALLERS",
              "KEEP_UNSAMPLED_PER_SECOND",
              "OTEL_EXPORTER_PROMETHEUS_HOST",
              "OTEL_EXPORTER_PROMETHEUS_PORT",
              "OTEL_SDK_DISABLED")
          .collect(Collectors.toMap(name -> name, name -> ""));

  private final Project project = SharedStack.project();
  private final Ports ports = FreePorts.forAll();
  private final Path folder = SharedStack.newFolder("environment");

  @Test
  void aTakenMetricsPortCostsTheMetricsOnly(Stack stack) throws Exception {
    int taken = stack.ports().of(Port.AGENT_METRICS);
    try (DiceProcess dice =
        start(
            Map.of(
                "OTEL_EXPORTER_PROMETHEUS_PORT", String.valueOf(taken),
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", stack.ports().url(Port.OTLP) + "/v1/traces",
                "JAEGER_SAMPLING_ENDPOINT",
                    stack.ports().url(Port.JAEGER_SAMPLING) + "/api/sampling"))) {
      var context = TraceContext.random();

      context.get(dice.url() + "/");

      assertThat(stack.awaitSpans(context, 2))
          .extracting(RecordedSpan::name)
          .containsExactly("GET /", "Dice.roll");
      assertThat(dice.process().logText()).contains("\"trace_id\":\"" + context.traceId());
      assertThat(agentsComplaints(dice))
          .containsExactly(
              "Metrics are not served on 127.0.0.1:%d (Address already in use). Traces are still recorded. Free that port, or correct OTEL_EXPORTER_PROMETHEUS_HOST or OTEL_EXPORTER_PROMETHEUS_PORT."
                  .formatted(taken));
      assertThat(dice.process().logText()).doesNotContain("\tat ");
    }
  }

  @Test
  void emptyVariablesTakeTheirDefaults() throws Exception {
    Map<String, String> environment = new HashMap<>(EMPTY);
    environment.put("OTEL_EXPORTER_PROMETHEUS_PORT", String.valueOf(ports.of(Port.AGENT_METRICS)));
    try (DiceProcess dice = start(environment)) {
      rollIsTraced(dice);

      String url = ports.url(Port.AGENT_METRICS) + "/metrics";
      assertThat(labels(Http.get(url).body(), "target_info"))
          .containsEntry("service_name", "dice")
          .containsEntry("service_version", "dev")
          .containsEntry("deployment_environment_name", "local");
      await()
          .atMost(ARRIVES)
          .untilAsserted(
              () ->
                  assertThat(labels(Http.get(url).body(), "otel_sdk_exporter_span_inflight"))
                      .containsEntry("server_address", "127.0.0.1")
                      .containsEntry("server_port", String.valueOf(Port.OTLP.byDefault())));
      assertThat(agentsComplaints(dice)).isEmpty();
    }
  }

  @Test
  void anEmptyMetricsPortTakesItsDefault() throws Exception {
    try (DiceProcess dice = start(EMPTY)) {
      rollIsTraced(dice);

      // The default is a fixed port, which another program of this machine may have.
      List<String> complaints = agentsComplaints(dice);
      if (complaints.isEmpty()) {
        assertThat(Http.get("http://127.0.0.1:9464/metrics").statusCode()).isEqualTo(200);
      } else {
        assertThat(complaints)
            .singleElement()
            .asString()
            .startsWith("Metrics are not served on 127.0.0.1:9464 (Address already in use)");
      }
    }
  }

  @Test
  void malformedVariablesTakeTheirDefaultsAndAreNamed() throws Exception {
    try (DiceProcess dice =
        start(
            Map.of(
                "OTEL_RESOURCE_ATTRIBUTES", "team",
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "nowhere",
                "JAEGER_SAMPLING_ENDPOINT", "nowhere",
                "KEEP_UNSAMPLED_PER_SECOND", "all",
                "OTEL_EXPORTER_PROMETHEUS_HOST", "nowhere.invalid",
                "OTEL_SDK_DISABLED", "maybe"))) {
      rollIsTraced(dice);

      assertThat(agentsComplaints(dice))
          .hasSize(6)
          .anyMatch(line -> line.startsWith("OTEL_RESOURCE_ATTRIBUTES is 'team'"))
          .anyMatch(line -> line.startsWith("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is 'nowhere'"))
          .anyMatch(line -> line.startsWith("JAEGER_SAMPLING_ENDPOINT is 'nowhere'"))
          .anyMatch(line -> line.startsWith("KEEP_UNSAMPLED_PER_SECOND is 'all'"))
          .anyMatch(line -> line.startsWith("Metrics are not served on nowhere.invalid:"))
          .anyMatch(line -> line.startsWith("OTEL_SDK_DISABLED is 'maybe'"));
      assertThat(dice.process().logText()).doesNotContain("\tat ");
    }
  }

  @Test
  void theLauncherRefusesAMalformedVariable() {
    for (var malformed :
        Map.of(
                "OTEL_RESOURCE_ATTRIBUTES",
                "OTEL_RESOURCE_ATTRIBUTES is '@', which is taken as unset",
                "OTEL_SERVICE_NAME",
                "OTEL_SERVICE_NAME is '@', which is taken as unset")
            .entrySet()) {
      assertThatThrownBy(
              () ->
                  DiceProcess.startAttached(project, ports, folder, Map.of(malformed.getKey(), "@"))
                      .close())
          .isInstanceOf(StackException.class)
          .hasMessageStartingWith("The agent reports faults in its configuration. ")
          .hasMessageContaining(malformed.getValue());
    }
  }

  @Test
  void everyVariableThatIsDocumentedIsTriedEmpty() throws IOException {
    String readme = Files.readString(project.root().resolve("agent-config/README.md"));
    String otelYaml = Files.readString(project.attach().resolve("otel.yaml"));
    String table = readme.split("## What differs between machines")[1].split("\n## ")[0];

    assertThat(groups("(?m)^\\| `([A-Z_]+)` \\|", table))
        .isEqualTo(groups("\\$\\{([A-Z_]+):-", otelYaml))
        .isEqualTo(EMPTY.keySet());
  }

  private DiceProcess start(Map<String, String> environment) {
    return DiceProcess.startAttached(project, ports, folder, List.of(), environment);
  }

  private static void rollIsTraced(DiceProcess dice) throws IOException {
    dice.get("/");

    assertThat(dice.process().logText().lines())
        .filteredOn(line -> line.contains("\"Dice rolled\""))
        .singleElement()
        .asString()
        .contains("\"trace_id\"");
  }

  private static List<String> agentsComplaints(DiceProcess dice) {
    return dice.process()
        .logText()
        .lines()
        .filter(line -> line.startsWith("[otel.javaagent") && line.matches(".* (WARN|ERROR) .*"))
        // Nothing listens on the default ports for spans and sampling questions.
        .filter(line -> !line.contains("HttpExporter"))
        .map(line -> line.substring(line.indexOf(" - ") + " - ".length()))
        .toList();
  }

  private static Map<String, String> labels(String exposition, String metric) {
    String series =
        exposition
            .lines()
            .filter(line -> line.startsWith(metric + "{"))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no " + metric + " in\n" + exposition));
    return Pattern.compile("(\\w+)=\"([^\"]*)\"")
        .matcher(series)
        .results()
        .collect(Collectors.toMap(label -> label.group(1), label -> label.group(2)));
  }

  private static Set<String> groups(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult match) -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
