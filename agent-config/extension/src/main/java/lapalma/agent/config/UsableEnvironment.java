package lapalma.agent.config;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the unusable variables of an environment and removes them from a configuration. */
final class UsableEnvironment {
  private record Format(Predicate<String> usable, String wanted) {}

  private static final Format URL =
      new Format(value -> HttpUrl.of(value).isPresent(), "an http or https URL");
  private static final Format BOOLEAN =
      new Format(
          value -> value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false"),
          "true or false");

  /** The formats of some variables; for any other variable, every line of text is usable. */
  private static final Map<String, Format> FORMATS =
      Map.of(
          "OTEL_SDK_DISABLED",
          BOOLEAN,
          "LOG_EXPORT",
          BOOLEAN,
          "SAMPLING_FOLLOW_CALLERS",
          BOOLEAN,
          "OTEL_RESOURCE_ATTRIBUTES",
          new Format(UsableEnvironment::isAttributes, "key=value,key=value"),
          "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
          URL,
          "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
          URL,
          "JAEGER_SAMPLING_ENDPOINT",
          URL,
          "OTEL_EXPORTER_PROMETHEUS_PORT",
          new Format(UsableEnvironment::isPort, "a whole number from 0 to 65535"),
          "KEEP_UNSAMPLED_PER_SECOND",
          new Format(
              value -> value.matches("[1-9][0-9]{0,8}"), "a whole number from 1 to 999999999"));

  private static final Format LINE =
      new Format(value -> value.chars().noneMatch(Character::isISOControl), "one line of text");
  private static final String YAML = "text that a YAML file can hold here";

  /** An escaped dollar, or {@code ${NAME:-default}}; nothing that stands before can change it. */
  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\$|\\$\\{(?:(env|sys):)?([a-zA-Z_][a-zA-Z0-9_.]*)(?::-([^\\n}]*))?}");

  private final Map<String, String> environment;

  /** Why a variable is unusable, by its name; an empty text if its value is empty. */
  private final Map<String, String> unusable = new HashMap<>();

  UsableEnvironment(Map<String, String> environment) {
    this.environment = environment;
    environment.forEach(
        (name, value) -> {
          Format format = FORMATS.getOrDefault(name, LINE);
          if (value.isBlank()) {
            unusable.put(name, "");
          } else if (!LINE.usable.test(value)) {
            refuse(name, LINE.wanted);
          } else if (!format.usable.test(value)) {
            refuse(name, format.wanted);
          }
        });
  }

  private static boolean isAttributes(String value) {
    for (String pair : value.split(",")) {
      if (!pair.isBlank() && pair.strip().indexOf('=') < 1) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPort(String value) {
    return value.matches("[0-9]{1,5}") && Integer.parseInt(value) <= HttpUrl.MAX_PORT;
  }

  /** Takes a variable as unset from now on, because the file's YAML cannot hold its value. */
  void refuse(String name) {
    refuse(name, YAML);
  }

  private void refuse(String name, String wanted) {
    String value = environment.get(name);
    if (value != null) {
      String shown = value.replace("\n", "\\n").replace("\r", "\\r");
      unusable.putIfAbsent(
          name,
          "%s is '%s', which is taken as unset: set it to %s.".formatted(name, shown, wanted));
    }
  }

  /** Whether a text has a <code>${</code> that the agent does not take as a reference. */
  static boolean hasOpenReference(String text) {
    return REFERENCE.matcher(text).replaceAll("").contains("${");
  }

  /**
   * Replaces each reference by its value, as the agent does.
   *
   * @param named receives the names of the variables whose values were used
   */
  String substitute(String text, List<String> named) {
    return replace(
        text,
        reference -> {
          String name = reference.group(2);
          if (name == null) {
            return "$";
          }
          String value;
          if ("sys".equals(reference.group(1))) {
            value = System.getProperty(name);
          } else {
            value = unusable.containsKey(name) ? null : environment.get(name);
            if (value != null) {
              named.add(name);
            }
          }
          return value == null ? byDefault(reference) : value;
        });
  }

  /**
   * Replaces each reference to an unusable variable by its default.
   *
   * @param complain receives one sentence about each malformed variable that {@code yaml} names
   */
  String apply(String yaml, Consumer<String> complain) {
    Set<String> told = new HashSet<>();
    return replace(
        yaml,
        reference -> {
          String name = reference.group(2);
          String complaint = "sys".equals(reference.group(1)) ? null : unusable.get(name);
          if (complaint == null) {
            return reference.group();
          }
          if (!complaint.isEmpty() && told.add(name)) {
            complain.accept(complaint);
          }
          return byDefault(reference);
        });
  }

  private static String byDefault(MatchResult reference) {
    return Objects.requireNonNullElse(reference.group(3), "");
  }

  private static String replace(String text, Function<MatchResult, String> replacement) {
    return REFERENCE
        .matcher(text)
        .replaceAll(reference -> Matcher.quoteReplacement(replacement.apply(reference)));
  }
}
