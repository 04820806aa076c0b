package lapalma.agent.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.opentelemetry.javaagent.extension.AgentListener;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Names the agent's variables and system properties that have no effect, because a configuration
 * file is set and does not name them.
 */
public final class UnusedSettings implements AgentListener {
  private static final Logger log = Logger.getLogger(UnusedSettings.class.getName());

  private static final Pattern SETTING = Pattern.compile("OTEL_[A-Z0-9_]+|otel\\.[a-z0-9.-]+");

  /** What the agent reads itself. */
  private static final Pattern EARLY =
      Pattern.compile(
          "OTEL_(?:CONFIG_FILE|JAVAAGENT_\\w+)|otel\\.(?:config\\.file|javaagent\\..+)");

  @Override
  public void afterAgent(AutoConfiguredOpenTelemetrySdk sdk) {
    String file = System.getProperty("otel.config.file", System.getenv("OTEL_CONFIG_FILE"));
    if (file == null || file.isBlank()) {
      return;
    }
    String yaml;
    try {
      yaml = Files.readString(Path.of(file), UTF_8);
    } catch (IOException e) {
      return; // the agent reports that it cannot read the file
    }
    for (String name : of(yaml, System.getenv(), System.getProperties())) {
      log.log(
          Level.WARNING,
          "{0} is set, but has no effect: {1} does not name it. Write $'{'{0}'}' there, or unset"
              + " it.",
          new Object[] {name, file});
    }
  }

  static TreeSet<String> of(String yaml, Map<String, String> environment, Map<?, ?> properties) {
    var unused = new TreeSet<String>();
    Stream.concat(environment.entrySet().stream(), properties.entrySet().stream())
        .filter(setting -> !String.valueOf(setting.getValue()).isBlank())
        .map(setting -> String.valueOf(setting.getKey()))
        .filter(SETTING.asMatchPredicate().and(EARLY.asMatchPredicate().negate()))
        .filter(name -> !Pattern.compile("\\b" + Pattern.quote(name) + "\\b").matcher(yaml).find())
        .forEach(unused::add);
    return unused;
  }
}
