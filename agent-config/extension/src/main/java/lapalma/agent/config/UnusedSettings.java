package lapalma.agent.config;

import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The agent's variables and system properties that have no effect, because a configuration file is
 * set and does not name them.
 */
final class UnusedSettings {
  private static final Pattern SETTING = Pattern.compile("OTEL_[A-Z0-9_]+|otel\\.[a-z0-9.-]+");

  /** What the agent reads itself. */
  private static final Pattern EARLY =
      Pattern.compile(
          "OTEL_(?:CONFIG_FILE|JAVAAGENT_\\w+)|otel\\.(?:config\\.file|javaagent\\..+)");

  private UnusedSettings() {}

  static SortedSet<String> of(String yaml, Map<String, String> environment, Map<?, ?> properties) {
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
