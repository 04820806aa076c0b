package lapalma.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationCheckTest {
  private static final Path ROOT = Path.of("../..");

  private final List<String> complaints = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(strings = {"agent-config/otel.yaml", "stack/player/otel.yaml"})
  void aFileOfTheProjectHasNoMistake(String file) throws IOException {
    check(Files.readString(ROOT.resolve(file)));

    assertThat(complaints).isEmpty();
  }

  /** Each line: what the shipped file has, what is written instead, and the complaint about it. */
  @ParameterizedTest
  @CsvFileSource(resources = "mutations.csv", delimiter = '|', quoteCharacter = '`')
  void aMistakeIsNamedWithItsPlace(String right, String wrong, String complaint)
      throws IOException {
    String shipped = Files.readString(ROOT.resolve("agent-config/otel.yaml"));
    String before = right.replace("\\n", "\n");
    assertThat(shipped).contains(before);
    int start = shipped.indexOf(before);

    check(
        shipped.substring(0, start)
            + wrong.replace("\\n", "\n")
            + shipped.substring(start + before.length()));

    assertThat(complaints.stream().map(one -> one.replaceFirst("^otel.yaml:\\d+: ", "")))
        .contains(complaint);
  }

  @Test
  void aComplaintNamesTheLine() {
    check("file_format: \"1.2\"\n\ntracer_providr: {}\n");

    assertThat(complaints)
        .containsExactly(
            "otel.yaml:3: tracer_providr: not a key here; did you mean tracer_provider?");
  }

  @Test
  void whatAnotherExtensionReadsIsNoMistake() {
    check(
        """
        file_format: "1.2"
        propagator: { composite: [{ acme: {} }] }
        tracer_provider:
          id_generator: { acme_ids: { seed: 1 } }
          processors: [{ acme_queue: { size: [1, 2], to: { any: ["x", 2, { y: z }] } } }]
          sampler:
            parent_based: { root: { acme_sampler: { rate: 5 } } }
        meter_provider:
          readers: [{ pull: { exporter: { acme_metrics: {} } } }]
        distribution:
          acme: { license: x }
          javaagent: { instrumentation: { enabled: [acme_server] } }
        instrumentation/development:
          java: { acme_server: { depth: 3 } }
        """);

    assertThat(complaints).isEmpty();
  }

  @Test
  void allThatTheSchemaHasIsKnown() {
    check(
        """
        file_format: "1.2"
        disabled: false
        log_level: info
        resource:
          schema_url: https://opentelemetry.io/schemas/1.41.0
          attributes: [{ name: ports, value: [1, 2], type: int_array }]
        propagator: { composite_list: "tracecontext,baggage" }
        tracer_provider:
          limits: { attribute_count_limit: 10 }
          tracer_configurator/development:
            default_config: { enabled: true }
            tracers: [{ name: "x*", config: { enabled: false } }]
          processors:
            - simple: { exporter: { console: } }
            - batch:
                export_timeout: 30000
                exporter:
                  otlp_grpc:
                    headers: [{ name: a, value: "1" }]
                    tls: { insecure: true }
          sampler:
            composite/development:
              rule_based:
                rules:
                  - attribute_patterns: { key: url.path, included: ["/a*"] }
                    sampler: { always_off: {} }
                  - sampler:
                      parent_threshold: { root: { jaeger_by_route: { endpoint: a, service_name: b } } }
        meter_provider:
          readers:
            - periodic:
                interval: 1000
                exporter:
                  otlp_http: { temporality_preference: delta }
                cardinality_limits: { default: 10 }
        logger_provider:
          processors: [{ batch: { exporter: { otlp_file/development: { output_stream: stdout } } } }]
        instrumentation/development:
          general: { http: { client: { request_captured_headers: [a] } } }
          go: { anything: { at: all } }
        """);

    assertThat(complaints).isEmpty();
  }

  @Test
  void aVariableThatYamlCannotHoldIsTakenAsUnset() {
    var environment = new UsableEnvironment(Map.of("AT", "@next", "OPEN", "a: b\tc: ["));
    String yaml =
        """
        file_format: "1.2"
        resource: { attributes: [{ name: a, value: "${AT:-x}" }, { name: b, value: "at ${AT}" }] }
        """;

    new ConfigurationCheck("otel.yaml", environment, complaints::add).check(yaml);

    assertThat(environment.apply(yaml, complaints::add))
        .contains("value: \"x\"")
        .doesNotContain("${AT");
    assertThat(complaints)
        .containsExactly(
            "AT is '@next', which is taken as unset: set it to text that a YAML file can hold here.");
  }

  @Test
  void theValueOfAVariableIsCheckedWhereItIsUsed() {
    var environment = new UsableEnvironment(Map.of("DELAY", "soon", "SIZE", "10", "KEY", "5"));

    new ConfigurationCheck("otel.yaml", environment, complaints::add)
        .check(
            """
            file_format: "1.2"
            tracer_provider:
              processors:
                - batch:
                    schedule_delay: ${DELAY:-500}
                    max_queue_size: ${SIZE:-x}
                    exporter:
                      otlp_http:
                        endpoint: "http://${HOST:-a}/"
                        headers:
                          - name: key
                            value: ${KEY}
            """);

    assertThat(complaints)
        .containsExactly(
            "otel.yaml:5: tracer_provider.processors[0].batch.schedule_delay: must be a whole number, without quotes; it is 'soon'");
  }

  private void check(String yaml) {
    new ConfigurationCheck("otel.yaml", new UsableEnvironment(Map.of()), complaints::add)
        .check(yaml);
  }
}
