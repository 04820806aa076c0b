package lapalma.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.SharedStack;
import lapalma.process.ManagedProcess;
import lapalma.stack.Project;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentConfigIT {
  private static final String COMPLAINT =
      "The agent reports faults in its configuration. Correct agent-config/otel.yaml or the variable named here, and build again:\n";

  private final Project project = SharedStack.project();
  private final Path folder = SharedStack.newFolder("agent-config");
  @AutoClose private final Closer closer = new Closer();

  @Test
  void theAgentFindsNoFaultWithItsConfiguration() {
    ManagedProcess check = check(List.of());

    assertThat(check.awaitExit(Duration.ofSeconds(60))).isZero();
    assertThat(check.logText()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "exemplar_filter, exemplar_fliter, Unknown property 'exemplar_fliter'",
    "bounded_batch:, bounded_bacth:, with name \"bounded_bacth\"",
    "tracer_provider:, tracer_provider, while scanning a simple key",
    "methods: [{, methodz: [{, sampled_methods names no method of lapalma.dice.Dice: name one",
    "name: dice.value, name: Dice value, 'sampled_methods cannot name an attribute of lapalma.dice.Dice.roll ''Dice value'':'",
    "from: return, from: roll, 'sampled_methods cannot take dice.value of lapalma.dice.Dice.roll from ''roll'':'",
    "from: return, 'from: \"argument[0]\"', 'sampled_methods takes dice.value from argument[0] of lapalma.dice.Dice.roll, which has none.'",
    "undertow_server, undertow_serve, 'enabled names undertow_serve, which no instrumentation has.'",
    "lapalma.dice.Dice, lapalma.dice.Dyce, 'sampled_methods names lapalma.dice.Dyce, which is not on the class path.'",
    "optional_prometheus, optional_prom, 'with name \"optional_prom\"'",
    "http://127.0.0.1:4318/v1/traces, nowhere, must be a valid URL: nowhere",
    "http://127.0.0.1:5778/api/sampling, nowhere, endpoint must be an HTTP URL: nowhere",
    "service_name:, service_nam:, jaeger_by_route needs service_name",
    "initial_rate: 1.0, initial_rate: 10.0, initial_rate is not from 0 to 1: 10.0",
    "initial_rate: 1.0, initial_rate: 0, 'initial_rate must be a decimal number from 0 to 1, such as 0.0'",
    "poll_interval: 1000, poll_interval: 0, 'poll_interval must be a whole number from 1 to 2147483647: 0'",
  })
  void aMistakeInTheConfigurationIsNamed(String right, String wrong, String complaint)
      throws IOException {
    String config = Files.readString(project.attach().resolve("otel.yaml"));
    assertThat(config).contains(right);

    ManagedProcess check = checkConfig(config.replace(right, wrong));

    assertThat(check.awaitExit(Duration.ofSeconds(60))).isEqualTo(1);
    assertThat(check.logText()).startsWith(COMPLAINT).contains(complaint).doesNotContain("\tat ");
  }

  @Test
  void everyMalformedVariableIsNamed() {
    ManagedProcess check =
        check(
            Map.of(
                "OTEL_RESOURCE_ATTRIBUTES", "team",
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "jaeger:4318",
                "JAEGER_SAMPLING_ENDPOINT", "nowhere",
                "OTEL_EXPORTER_PROMETHEUS_HOST", "nowhere.invalid",
                "OTEL_EXPORTER_PROMETHEUS_PORT", "http",
                "OTEL_SDK_DISABLED", "maybe"),
            List.of());

    assertThat(check.awaitExit(Duration.ofSeconds(60))).isEqualTo(1);
    assertThat(check.logText()).startsWith(COMPLAINT);
    assertThat(check.logText().substring(COMPLAINT.length()).lines())
        .containsExactlyInAnyOrder(
            "OTEL_RESOURCE_ATTRIBUTES is 'team', which is taken as unset: set it to key=value,key=value.",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is 'jaeger:4318', which is taken as unset: set it to an http or https URL.",
            "JAEGER_SAMPLING_ENDPOINT is 'nowhere', which is taken as unset: set it to an http or https URL.",
            "OTEL_EXPORTER_PROMETHEUS_PORT is 'http', which is taken as unset: set it to a whole number from 0 to 65535.",
            "OTEL_SDK_DISABLED is 'maybe', which is taken as unset: set it to true or false.",
            "Metrics are not served on nowhere.invalid:9464 (Unresolved address). Traces are still recorded. Free that port, or correct OTEL_EXPORTER_PROMETHEUS_HOST or OTEL_EXPORTER_PROMETHEUS_PORT.");
  }

  /** The agent puts the value into the file's YAML, which it then cannot read. */
  @ParameterizedTest
  @ValueSource(strings = {"OTEL_SERVICE_NAME", "APP_VERSION", "DEPLOYMENT_ENVIRONMENT"})
  void aVariableThatYamlCannotHoldIsRefused(String variable) {
    ManagedProcess check = check(Map.of(variable, "@next"), List.of());

    assertThat(check.awaitExit(Duration.ofSeconds(60))).isEqualTo(1);
    assertThat(check.logText())
        .startsWith(COMPLAINT)
        .contains("found character '@' that cannot start any token")
        .doesNotContain("\tat ");
  }

  @Test
  void noMethodNeedsToBeTraced() throws IOException {
    String config = Files.readString(project.attach().resolve("otel.yaml"));
    String without = config.replaceAll("include: \\[\\{ class: .*", "include: []");
    assertThat(without).isNotEqualTo(config);

    ManagedProcess check = checkConfig(without);

    assertThat(check.awaitExit(Duration.ofSeconds(60))).as(check.logText()).isZero();
  }

  @Test
  void aMissingConfigurationIsNamed() {
    ManagedProcess check = check(List.of("-Dotel.config.file=/no/such/otel.yaml"));

    assertThat(check.awaitExit(Duration.ofSeconds(60))).isEqualTo(1);
    assertThat(check.logText()).contains("/no/such/otel.yaml");
  }

  private ManagedProcess checkConfig(String otelYaml) throws IOException {
    Path file = Files.writeString(folder.resolve("otel.yaml"), otelYaml);
    return check(List.of("-Dotel.config.file=" + file));
  }

  private ManagedProcess check(List<String> moreArguments) {
    return check(Map.of(), moreArguments);
  }

  private ManagedProcess check(Map<String, String> environment, List<String> moreArguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                project.root().resolve("tools/check-agent-config").toString(),
                project.attachArgs().toString(),
                "-cp",
                project.diceJar().toString()));
    command.addAll(moreArguments);
    return closer.register(
        ManagedProcess.start("check", command, environment, folder, folder.resolve("check.log")));
  }
}
