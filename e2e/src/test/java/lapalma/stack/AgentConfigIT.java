package lapalma.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentConfigIT {
  private final Project project = SharedStack.project();
  private final Path folder = SharedStack.newFolder("agent-config");

  @Test
  void theAgentFindsNoFaultWithItsConfiguration() {
    Part check = check(List.of());

    assertThat(check.awaitExit(Duration.ofSeconds(60))).isZero();
    assertThat(check.logText()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "exemplar_filter, exemplar_fliter, Unknown property 'exemplar_fliter'",
    "batch:, bacth:, with name \"bacth\"",
    "tracer_provider:, tracer_provider, while scanning a simple key",
    "methods: [{, methodz: [{, sampled_methods names no method of lapalma.dice.Dice: name one",
    "jmx-undertow.yaml, jmx-nothing.yaml, jmx-nothing.yaml",
    "http://127.0.0.1:4318/v1/traces, nowhere, must be a valid URL: nowhere",
    "http://127.0.0.1:5778/api/sampling, nowhere, endpoint must be an HTTP URL: nowhere",
    "service_name:, service_nam:, jaeger_by_route needs service_name",
    "initial_rate: 1.0, initial_rate: 10.0, initial_rate is not from 0 to 1: 10.0",
    "poll_interval: 1000, poll_interval: 0, poll_interval is not above 0 ms: 0",
  })
  void aMistakeInTheConfigurationIsNamed(String right, String wrong, String complaint)
      throws IOException {
    String config = Files.readString(project.attach().resolve("otel.yaml"));
    assertThat(config).contains(right);

    Part check = checkConfig(config.replace(right, wrong));

    assertThat(check.awaitExit(Duration.ofSeconds(60))).isEqualTo(1);
    assertThat(check.logText())
        .startsWith("The agent finds fault with its configuration; mend agent-config/otel.yaml")
        .contains(complaint)
        .doesNotContain("\tat ");
  }

  @Test
  void noMethodNeedsToBeTraced() throws IOException {
    String config = Files.readString(project.attach().resolve("otel.yaml"));
    String without = config.replaceAll("include: \\[\\{ class: .*", "include: []");
    assertThat(without).isNotEqualTo(config);

    Part check = checkConfig(without);

    assertThat(check.awaitExit(Duration.ofSeconds(60))).as(check.logText()).isZero();
  }

  @Test
  void aMissingConfigurationIsNamed() {
    Part check = check(List.of("-Dotel.config.file=/no/such/otel.yaml"));

    assertThat(check.awaitExit(Duration.ofSeconds(60))).isEqualTo(1);
    assertThat(check.logText()).contains("/no/such/otel.yaml");
  }

  private Part checkConfig(String otelYaml) throws IOException {
    Path file = Files.writeString(folder.resolve("otel.yaml"), otelYaml);
    return check(List.of("-Dotel.config.file=" + file));
  }

  private Part check(List<String> moreArguments) {
    List<String> command =
        new java.util.ArrayList<>(
            List.of(
                project.root().resolve("tools/check-agent-config").toString(),
                project.attachArgs().toString()));
    command.addAll(moreArguments);
    return Part.start("check", command, Map.of(), folder, folder.resolve("check.log"));
  }
}
