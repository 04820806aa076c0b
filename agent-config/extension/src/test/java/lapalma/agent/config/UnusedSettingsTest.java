package lapalma.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class UnusedSettingsTest {
  private static final String YAML = "name: ${OTEL_SERVICE_NAME:-dice}\nkey: ${sys:otel.key}\n";

  @Test
  void settingsThatTheFileDoesNotNameAreUnused() {
    assertThat(
            UnusedSettings.of(
                YAML,
                Map.of(
                    "OTEL_SERVICE_NAME", "shop",
                    "OTEL_SERVICE", "shop",
                    "OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318",
                    "OTEL_TRACES_SAMPLER", " ",
                    "PATH", "/bin"),
                Map.of("otel.key", "1", "otel.bsp.schedule.delay", "1", "user.home", "/")))
        .containsExactly("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE", "otel.bsp.schedule.delay");
  }

  @Test
  void theAgentReadsSomeSettingsWithoutTheFile() {
    assertThat(
            UnusedSettings.of(
                YAML,
                Map.of("OTEL_CONFIG_FILE", "otel.yaml", "OTEL_JAVAAGENT_LOGGING", "none"),
                Map.of("otel.config.file", "otel.yaml", "otel.javaagent.debug", "true")))
        .isEmpty();
  }
}
