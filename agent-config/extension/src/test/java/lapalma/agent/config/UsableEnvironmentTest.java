package lapalma.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsableEnvironmentTest {
  private final List<String> complaints = new ArrayList<>();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name: ${EMPTY:-dice}|name: dice",
        "name: \"${EMPTY:-dice}\"|name: \"dice\"",
        "name: ${env:EMPTY:-dice}|name: dice",
        "url: \"${EMPTY:-http://127.0.0.1:4318/v1/traces}\"|url: \"http://127.0.0.1:4318/v1/traces\"",
        "url: ${EMPTY:-http}://${EMPTY:-host}:${SET:-1}|url: http://host:${SET:-1}",
        "name: ${EMPTY:-a$1\\b}|name: a$1\\b",
        "list: [${EMPTY:-}]|list: []",
        "list: [${EMPTY}]|list: []",
        "name: $$${EMPTY:-dice}|name: $$dice",
        // Not references to a variable that is empty.
        "name: ${SET:-dice}|name: ${SET:-dice}",
        "name: ${UNSET:-dice}|name: ${UNSET:-dice}",
        "name: ${sys:EMPTY:-dice}|name: ${sys:EMPTY:-dice}",
        "name: $${EMPTY:-dice}|name: $${EMPTY:-dice}",
        "name: EMPTY|name: EMPTY",
      })
  void anEmptyVariableGivesWayToItsDefault(String yaml, String expected) {
    assertThat(apply(Map.of("EMPTY", "", "SET", "set"), yaml)).isEqualTo(expected);
    assertThat(apply(Map.of("EMPTY", " ", "SET", "set"), yaml)).isEqualTo(expected);
    assertThat(complaints).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "OTEL_SDK_DISABLED|maybe|true or false",
        "OTEL_SDK_DISABLED|1|true or false",
        "OTEL_RESOURCE_ATTRIBUTES|team|key=value,key=value",
        "OTEL_RESOURCE_ATTRIBUTES|team=a,shift|key=value,key=value",
        "OTEL_RESOURCE_ATTRIBUTES|=a|key=value,key=value",
        "OTEL_RESOURCE_ATTRIBUTES|team=a, =b|key=value,key=value",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT|jaeger:4318|an http or https URL",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT|http:///v1/traces|an http or https URL",
        "JAEGER_SAMPLING_ENDPOINT|grpc://jaeger:5779|an http or https URL",
        "JAEGER_SAMPLING_ENDPOINT|http://jaeger:99999|an http or https URL",
        "JAEGER_SAMPLING_ENDPOINT|http://jaeger/{x}|an http or https URL",
        "OTEL_EXPORTER_PROMETHEUS_PORT|http|a whole number from 0 to 65535",
        "OTEL_EXPORTER_PROMETHEUS_PORT|-1|a whole number from 0 to 65535",
        "OTEL_EXPORTER_PROMETHEUS_PORT|65536|a whole number from 0 to 65535",
        "OTEL_EXPORTER_PROMETHEUS_PORT|70000|a whole number from 0 to 65535",
        "OTEL_EXPORTER_PROMETHEUS_PORT|4294967295|a whole number from 0 to 65535",
        "KEEP_UNSAMPLED_PER_SECOND|0|a whole number from 1 to 999999999",
        "KEEP_UNSAMPLED_PER_SECOND|2.5|a whole number from 1 to 999999999",
        "KEEP_UNSAMPLED_PER_SECOND|9999999999|a whole number from 1 to 999999999",
      })
  void aMalformedVariableGivesWayToItsDefaultAndIsNamedOnce(
      String variable, String value, String wanted) {
    String reference = "${" + variable + ":-standard}";

    assertThat(apply(Map.of(variable, value), reference + reference)).isEqualTo("standardstandard");
    assertThat(complaints)
        .containsExactly(
            "%s is '%s', which is taken as unset: set it to %s."
                .formatted(variable, value, wanted));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "OTEL_SDK_DISABLED|TRUE",
        "OTEL_RESOURCE_ATTRIBUTES|team=a",
        "OTEL_RESOURCE_ATTRIBUTES|team=a,,shift = b=c ,",
        "OTEL_RESOURCE_ATTRIBUTES|team=",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT|https://collector.example/v1/traces",
        "JAEGER_SAMPLING_ENDPOINT|http://[::1]:5778/api/sampling",
        "JAEGER_SAMPLING_ENDPOINT|http://stack_jaeger:5778/api/sampling",
        "OTEL_EXPORTER_PROMETHEUS_PORT|0",
        "OTEL_EXPORTER_PROMETHEUS_PORT|9464",
        "OTEL_EXPORTER_PROMETHEUS_PORT|65535",
        "KEEP_UNSAMPLED_PER_SECOND|5",
        "OTEL_SERVICE_NAME|${:-}",
      })
  void aUsableVariableIsLeftToTheAgent(String variable, String value) {
    String reference = "${" + variable + ":-standard}";

    assertThat(apply(Map.of(variable, value), reference)).isEqualTo(reference);
  }

  @Test
  void theNumberOfResourceAttributesHasNoLimit() {
    String pairs = "key=value,".repeat(100_000);
    String reference = "${OTEL_RESOURCE_ATTRIBUTES:-}";

    assertThat(apply(Map.of("OTEL_RESOURCE_ATTRIBUTES", pairs), reference)).isEqualTo(reference);
    assertThat(apply(Map.of("OTEL_RESOURCE_ATTRIBUTES", pairs + "x"), reference)).isEmpty();
  }

  @Test
  void aVariableOfSeveralLinesGivesWayToItsDefault() {
    assertThat(apply(Map.of("OTEL_SERVICE_NAME", "dice\nshop"), "name: ${OTEL_SERVICE_NAME:-x}"))
        .isEqualTo("name: x");
    assertThat(complaints)
        .containsExactly(
            "OTEL_SERVICE_NAME is 'dice\\nshop', which is taken as unset: set it to one line of text.");
  }

  @Test
  void aMalformedVariableThatTheConfigurationDoesNotNameIsNoConcern() {
    assertThat(apply(Map.of("OTEL_SDK_DISABLED", "maybe"), "disabled: false"))
        .isEqualTo("disabled: false");
    assertThat(complaints).isEmpty();
  }

  private String apply(Map<String, String> environment, String yaml) {
    return new UsableEnvironment(environment).apply(yaml, complaints::add);
  }
}
