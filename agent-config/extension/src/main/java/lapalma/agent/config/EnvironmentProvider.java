package lapalma.agent.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfiguration;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfigurationProvider;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.model.OpenTelemetryConfigurationModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reports the mistakes of the configuration file and the settings that it makes useless, and takes
 * empty and malformed variables that it names as unset, as the OpenTelemetry specification demands.
 *
 * <p>The agent itself ignores most mistakes. It would use such a value instead of the default, and
 * then end all telemetry.
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
    String file = System.getProperty("otel.config.file", System.getenv("OTEL_CONFIG_FILE"));
    if (file == null) {
      return null;
    }
    String yaml;
    try {
      yaml = Files.readString(Path.of(file));
    } catch (IOException e) {
      return null; // the agent reports that it cannot read the file
    }
    for (String name : UnusedSettings.of(yaml, System.getenv(), System.getProperties())) {
      log.log(
          Level.WARNING,
          "{0} is set, but has no effect: {1} does not name it. Write $'{'{0}'}' there, or unset"
              + " it.",
          new Object[] {name, file});
    }
    Consumer<String> complain = complaint -> log.log(Level.SEVERE, complaint);
    var environment = new UsableEnvironment(System.getenv());
    check(file, yaml, environment, complain);
    String usable = environment.apply(yaml, complain);
    return usable.equals(yaml)
        ? null
        : DeclarativeConfiguration.parse(new ByteArrayInputStream(usable.getBytes(UTF_8)));
  }

  private static void check(
      String file, String yaml, UsableEnvironment environment, Consumer<String> complain) {
    try {
      new ConfigurationCheck(file, environment, complain).check(yaml);
    } catch (YamlEngineException e) {
      // The agent says that it cannot read the file, and where.
    } catch (RuntimeException | LinkageError e) {
      log.log(Level.WARNING, "Mistakes in {0} are not found: {1}", new Object[] {file, e});
    }
  }
}
