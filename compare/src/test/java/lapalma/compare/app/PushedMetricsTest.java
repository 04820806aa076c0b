package lapalma.compare.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import lapalma.compare.LabException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PushedMetricsTest {
  private static final Path AGENT_CONFIG = Path.of("../agent-config");

  @TempDir Path work;

  @Test
  void agentConfigGetsOneReaderMoreAndIsOtherwiseTheSame() throws IOException {
    JsonNode own = yaml(AGENT_CONFIG.resolve("otel.yaml"));
    JsonNode made = yaml(PushedMetrics.configuration(AGENT_CONFIG, work));

    JsonNode readers = made.path("meter_provider").path("readers");
    assertThat(readers).hasSize(2);
    assertThat(readers.path(0).at("/periodic/exporter/otlp_http/endpoint").asText())
        .isEqualTo("${OTEL_EXPORTER_OTLP_METRICS_ENDPOINT}");
    ((ArrayNode) readers).remove(0);
    assertThat(made).isEqualTo(own);
  }

  @Test
  void aConfigurationWithoutReadersIsRefused() throws IOException {
    Files.writeString(work.resolve("otel.yaml"), "meter_provider: {}\n");
    assertThatThrownBy(() -> PushedMetrics.configuration(work, work.resolve("copy")))
        .isInstanceOf(LabException.class)
        .hasMessage(work.resolve("otel.yaml") + " has no line 'readers:'.");
  }

  private static JsonNode yaml(Path file) throws IOException {
    return new YAMLMapper().readTree(file.toFile());
  }
}
