package lapalma.agent.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfiguration;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchSettingsTest {
  @Test
  void allHaveDefaults() {
    assertThat(settings("{}"))
        .isEqualTo(new BatchSettings(Duration.ofMillis(500), 2048, 8192, 16 << 20));
  }

  @Test
  void allCanBeSet() {
    assertThat(
            settings(
                "{ schedule_delay: 1, max_export_batch_size: 2, max_queue_size: 3,"
                    + " max_queue_bytes: 4 }"))
        .isEqualTo(new BatchSettings(Duration.ofMillis(1), 2, 3, 4));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          schedule_delay: 0; schedule_delay must be a whole number from 1 to 2147483647: 0
          max_queue_bytes: 16 MiB; max_queue_bytes must be a whole number from 1 to 2147483647
          max_queue_size: 2000; max_export_batch_size is 2048, above max_queue_size, 2000: such a batch is never full
          """)
  void aMistakeIsRefused(String yaml, String sentence) {
    assertThatThrownBy(() -> settings(yaml)).hasMessage(sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          schedule_delay: 1; bounded_batch needs one exporter, such as otlp_http, and has []
          exporter: { console: {}, otlp_http: {} }; bounded_batch needs one exporter, such as otlp_http, and has [console, otlp_http]
          exporter: { otlp: {} }; This agent has no SpanExporter otlp
          """)
  void anExporterIsNeeded(String batch, String sentence) {
    String yaml =
        """
        file_format: "1.0"
        tracer_provider: { processors: [{ bounded_batch: { %s } }] }
        """
            .formatted(batch);
    assertThatThrownBy(
            () ->
                DeclarativeConfiguration.parseAndCreate(
                    new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8))))
        .rootCause()
        .hasMessage(sentence);
  }

  private static BatchSettings settings(String yaml) {
    return BatchSettings.of(
        DeclarativeConfiguration.toConfigProperties(
            new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8))));
  }
}
