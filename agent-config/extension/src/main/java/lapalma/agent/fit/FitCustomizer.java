package lapalma.agent.fit;

import io.opentelemetry.instrumentation.api.internal.EmbeddedInstrumentationProperties;
import io.opentelemetry.sdk.autoconfigure.spi.AutoConfigurationCustomizer;
import io.opentelemetry.sdk.autoconfigure.spi.AutoConfigurationCustomizerProvider;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Fits the agent to the app where the agent is configured by variables and system properties. What
 * the user says of a module counts; {@code OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED=true}
 * enables every module that upstream's agent enables.
 */
public final class FitCustomizer implements AutoConfigurationCustomizerProvider {
  static final String DEFAULT_ENABLED = "otel.instrumentation.common.default-enabled";
  private static final Logger log = Logger.getLogger(FitCustomizer.class.getName());

  @Override
  public void customize(AutoConfigurationCustomizer customizer) {
    customizer.addPropertiesCustomizer(FitCustomizer::properties);
  }

  private static Map<String, String> properties(ConfigProperties config) {
    if (config.getString(DEFAULT_ENABLED) != null) {
      return Map.of();
    }
    try {
      return fit(config);
    } catch (RuntimeException e) {
      log.log(Level.WARNING, "All modules of the agent are enabled, because fitting it failed", e);
      return Map.of();
    }
  }

  private static Map<String, String> fit(ConfigProperties config) {
    long start = System.nanoTime();
    ModuleTable table = ModuleTable.read();
    String agent = EmbeddedInstrumentationProperties.findVersion("io.opentelemetry.jdbc");
    agent = agent == null ? "another" : agent.replace("-alpha", "");
    if (!agent.equals(table.agentVersion())) {
      log.info(
          "All modules of the agent are enabled, because they are known for agent %s only, and this is %s."
              .formatted(table.agentVersion(), agent));
      return Map.of();
    }
    Fit fit = Fit.of(table, App.ofThisJvm());
    Map<String, String> properties = new HashMap<>();
    fit.settings(name -> config.getString(Fit.property(name)) != null)
        .forEach((name, enabled) -> properties.put(Fit.property(name), enabled.toString()));
    if (fit.all().isPresent()) {
      log.info(
          "All modules of the agent are enabled, because it cannot be told which libraries the app has: %s."
              .formatted(fit.all().get()));
    } else {
      log.info(
          "The agent fits the app: %d libraries, %d of %d modules, in %d ms. %s=true enables all."
              .formatted(
                  fit.libraries().names().size(),
                  fit.used().size(),
                  fit.modules(),
                  (System.nanoTime() - start) / 1_000_000,
                  variable(DEFAULT_ENABLED)));
    }
    LoadedLibraries.lookLater(fit);
    return properties;
  }

  /** Returns the variable that sets a property. */
  static String variable(String property) {
    return property.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
  }
}
