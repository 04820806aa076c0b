package lapalma.compare.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import lapalma.compare.LabException;

/**
 * Makes agent-config also send its metrics over OTLP, so that the rules about OTLP can be judged.
 */
final class PushedMetrics {
  private static final String READERS = "  readers:\n";
  private static final String READER =
      """
          - periodic:
              interval: 5000 # ms
              exporter:
                otlp_http:
                  endpoint: "${OTEL_EXPORTER_OTLP_METRICS_ENDPOINT}"
      """;

  private PushedMetrics() {}

  /**
   * Writes a copy of agent-config's configuration that has one more reader, and returns it.
   *
   * @throws LabException when the configuration has no place for the reader
   */
  static Path configuration(Path attach, Path work) {
    Path own = attach.resolve("otel.yaml");
    try {
      String configuration = Files.readString(own);
      if (!configuration.contains(READERS)) {
        throw new LabException("%s has no line '%s'.".formatted(own, READERS.strip()));
      }
      Files.createDirectories(work);
      return Files.writeString(
          work.resolve("otel.yaml"), configuration.replace(READERS, READERS + READER));
    } catch (IOException e) {
      throw new LabException("%s cannot be copied to %s.".formatted(own, work), e);
    }
  }
}
