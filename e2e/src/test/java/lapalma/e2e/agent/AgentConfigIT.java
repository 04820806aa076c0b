package lapalma.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Command;
import lapalma.stack.Project;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentConfigIT {
  private static final String COMPLAINT =
      "The agent reports faults in its configuration. Correct %s, what it names, or the variable named here:\n";

  private final Project project = SharedStack.project();
  private final Path folder = SharedStack.newFolder("agent-config");

  @Test
  void theAgentFindsNoFaultWithItsConfiguration() {
    Command check = check(List.of());

    assertThat(check.exitCode()).isZero();
    assertThat(check.errors()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "tracer_provider:, tracer_providr:, 'otel.yaml:24: tracer_providr: not a key here; did you mean tracer_provider?'",
    "bounded_batch:, bounded_bacth:, with name \"bounded_bacth\"",
    "tracer_provider:, tracer_provider, while scanning a simple key",
    "from: return, 'from: \"argument[0]\"', 'sampled_methods takes dice.value from argument[0] of lapalma.dice.Dice.roll, which has none.'",
    "[undertow_server, [acme_server, 'enabled names acme_server, which no instrumentation has.'",
    "lapalma.dice.Dice, lapalma.dice.Dyce, 'sampled_methods names lapalma.dice.Dyce, which is not on the class path.'",
    "optional_prometheus, optional_prom, 'with name \"optional_prom\"'",
    "http://127.0.0.1:4318/v1/traces, nowhere, must be a valid URL: nowhere",
    "http://127.0.0.1:5778/api/sampling, nowhere, endpoint must be an HTTP URL: nowhere",
    "service_name:, service_nam:, jaeger_by_route needs service_name",
    "initial_rate: 1.0, initial_rate: 10.0, initial_rate is not from 0 to 1: 10.0",
    "initial_rate: 1.0, initial_rate: 0, 'initial_rate must be a decimal number from 0 to 1, such as 0.0'",
    "poll_interval: 1000, poll_interval: 0, 'poll_interval must be a whole number from 1 to 2147483647: 0'",
  })
  void aMistakeInTheConfigurationIsNamed(String right, String wrong, String complaint) {
    Command check = checkConfig(right, wrong);

    assertThat(check.exitCode()).isEqualTo(1);
    assertThat(check.errors())
        .startsWith(COMPLAINT.formatted(folder.resolve("otel.yaml")))
        .contains(complaint)
        .doesNotContain("\tat ");
  }

  @Test
  void everyMalformedVariableIsNamed() {
    Command check =
        check(
            Map.of(
                "OTEL_RESOURCE_ATTRIBUTES", "team",
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "jaeger:4318",
                "JAEGER_SAMPLING_ENDPOINT", "nowhere",
                "OTEL_EXPORTER_PROMETHEUS_HOST", "nowhere.invalid",
                "OTEL_EXPORTER_PROMETHEUS_PORT", "http",
                "OTEL_SDK_DISABLED", "maybe"),
            List.of());

    assertThat(check.exitCode()).isEqualTo(1);
    String heading = COMPLAINT.formatted(project.attach().resolve("otel.yaml"));
    assertThat(check.errors()).startsWith(heading);
    assertThat(check.errors().substring(heading.length()).lines())
        .containsExactlyInAnyOrder(
            "OTEL_RESOURCE_ATTRIBUTES is 'team', which is taken as unset: set it to key=value,key=value.",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is 'jaeger:4318', which is taken as unset: set it to an http or https URL.",
            "JAEGER_SAMPLING_ENDPOINT is 'nowhere', which is taken as unset: set it to an http or https URL.",
            "OTEL_EXPORTER_PROMETHEUS_PORT is 'http', which is taken as unset: set it to a whole number from 0 to 65535.",
            "OTEL_SDK_DISABLED is 'maybe', which is taken as unset: set it to true or false.",
            "Metrics are not served on nowhere.invalid:9464 (Unresolved address). Traces are still recorded. Free that port, or correct OTEL_EXPORTER_PROMETHEUS_HOST or OTEL_EXPORTER_PROMETHEUS_PORT.");
  }

  @ParameterizedTest
  @CsvSource({
    "@next, 'which is taken as unset: set it to text that a YAML file can hold here.'",
    "'di\nce', 'which is taken as unset: set it to one line of text.'",
  })
  void aVariableThatYamlCannotHoldIsNamed(String value, String complaint) {
    for (var variable : List.of("OTEL_SERVICE_NAME", "DEPLOYMENT_ENVIRONMENT")) {
      Command check = check(Map.of(variable, value), List.of());

      assertThat(check.exitCode()).isEqualTo(1);
      assertThat(check.errors().lines().skip(1))
          .containsExactly(
              "%s is '%s', %s".formatted(variable, value.replace("\n", "\\n"), complaint));
    }
  }

  /** Spring Boot's launcher finds the app's classes where the JVM does not. */
  @Test
  void theClassesOfASpringBootJarAreFound() throws IOException {
    Path boot = folder.resolve("boot.jar");
    String dice = "lapalma/dice/Dice.class";
    try (var from = new JarFile(project.diceJar().toFile());
        var jar = new JarOutputStream(Files.newOutputStream(boot))) {
      jar.putNextEntry(new JarEntry("BOOT-INF/classes/" + dice));
      from.getInputStream(from.getEntry(dice)).transferTo(jar);
    }

    Command check = check(List.of("-cp", boot.toString()));

    assertThat(check.exitCode()).as(check.errors()).isZero();
  }

  @Test
  void noMethodNeedsToBeTraced() {
    Command check = checkConfig("include: [{ class:", "include: [] #");

    assertThat(check.exitCode()).as(check.errors()).isZero();
  }

  @Test
  void aMissingConfigurationIsNamed() {
    Command check = check(List.of("-Dotel.config.file=/no/such/otel.yaml"));

    assertThat(check.exitCode()).isEqualTo(1);
    assertThat(check.errors()).contains("/no/such/otel.yaml");
  }

  private Command checkConfig(String right, String wrong) {
    return check(List.of("-Dotel.config.file=" + SharedStack.otelYaml(folder, right, wrong)));
  }

  private Command check(List<String> moreArguments) {
    return check(Map.of(), moreArguments);
  }

  private Command check(Map<String, String> environment, List<String> moreArguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                project.root().resolve("tools/check-agent-config").toString(),
                project.attachArgs().toString(),
                "-cp",
                project.diceJar().toString()));
    command.addAll(moreArguments);
    return Command.run(folder, environment, command);
  }
}
