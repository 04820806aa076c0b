package lapalma.agent.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfiguration;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfigurationProvider;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.model.OpenTelemetryConfigurationModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes empty and malformed variables that the configuration file names as unset, as the
 * OpenTelemetry specification demands.
 *
 * <p>The agent itself would use such a value instead of the default, and then end all telemetry.
 */
public final class EnvironmentProvider implements DeclarativeConfigurationProvider {
  private static final Logger log = Logger.getLogger(EnvironmentProvider.class.getName());

  private static final String RESOURCE_LOG_LEVEL =
      "io.opentelemetry.javaagent.slf4j.simpleLogger.log.io.opentelemetry.sdk.resources"
          + ".ResourceBuilder";

  /** Returns null if every variable is usable: the agent then reads the file itself. */
  @Override
  public @Nullable OpenTelemetryConfigurationModel getConfigurationModel() {
    // The SDK would warn of each attribute in the file that replaces a detected one.
    System.getProperties().putIfAbsent(RESOURCE_LOG_LEVEL, "error");
    var environment = new UsableEnvironment(System.getenv());
    String file = System.getProperty("otel.config.file", System.getenv("OTEL_CONFIG_FILE"));
    if (environment.allUsable() || file == null) {
      return null;
    }
    String yaml;
    try {
      yaml = Files.readString(Path.of(file));
    } catch (IOException e) {
      return null; // the agent reports that it cannot read the file
    }
    String usable = environment.apply(yaml, complaint -> log.log(Level.SEVERE, complaint));
    return DeclarativeConfiguration.parse(new ByteArrayInputStream(usable.getBytes(UTF_8)));
  }
}
