package lapalma.agent.config;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the unusable variables of an environment and removes them from a configuration. */
final class UsableEnvironment {
  private record Format(Predicate<String> usable, String wanted) {
    Format(String pattern, String wanted) {
      this(Pattern.compile(pattern).asMatchPredicate(), wanted);
    }
  }

  private static final Format URL =
      new Format(value -> HttpUrl.of(value).isPresent(), "an http or https URL");
  private static final Format BOOLEAN = new Format("(?i)true|false", "true or false");
  private static final String ATTRIBUTE = "\\s*(?:[^=,\\s][^=,]*=[^,]*)?";

  /** The formats of some variables; for any other variable, every value is usable. */
  private static final Map<String, Format> FORMATS =
      Map.of(
          "OTEL_SDK_DISABLED", BOOLEAN,
          "LOG_EXPORT", BOOLEAN,
          "SAMPLING_FOLLOW_CALLERS", BOOLEAN,
          "OTEL_RESOURCE_ATTRIBUTES",
              new Format(ATTRIBUTE + "(?:," + ATTRIBUTE + ")*", "key=value,key=value"),
          "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", URL,
          "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", URL,
          "JAEGER_SAMPLING_ENDPOINT", URL,
          "OTEL_EXPORTER_PROMETHEUS_PORT",
              new Format(
                  "[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]",
                  "a whole number from 0 to 65535"));

  /** {@code ${NAME:-default}}. Each pair of dollars before it stands for one dollar. */
  private static final Pattern REFERENCE =
      Pattern.compile("(?<!\\$)((?:\\$\\$)*)\\$\\{(?:env:)?([a-zA-Z_]\\w*)(?::-([^\\n}]*))?}");

  /** Why a variable is unusable, by its name; an empty text if its value is empty. */
  private final Map<String, String> unusable = new HashMap<>();

  UsableEnvironment(Map<String, String> environment) {
    environment.forEach(
        (name, value) -> {
          Format format = FORMATS.get(name);
          if (value.isBlank()) {
            unusable.put(name, "");
          } else if (format != null && !format.usable().test(value)) {
            unusable.put(
                name,
                "%s is '%s', which is taken as unset: set it to %s."
                    .formatted(name, value, format.wanted()));
          }
        });
  }

  boolean allUsable() {
    return unusable.isEmpty();
  }

  /**
   * Replaces each reference to an unusable variable by its default.
   *
   * @param complain receives one sentence about each malformed variable that {@code yaml} names
   */
  String apply(String yaml, Consumer<String> complain) {
    Set<String> told = new HashSet<>();
    return REFERENCE
        .matcher(yaml)
        .replaceAll(
            reference -> {
              String name = reference.group(2);
              String complaint = unusable.get(name);
              if (complaint == null) {
                return Matcher.quoteReplacement(reference.group());
              }
              if (!complaint.isEmpty() && told.add(name)) {
                complain.accept(complaint);
              }
              String byDefault = Objects.requireNonNullElse(reference.group(3), "");
              return Matcher.quoteReplacement(reference.group(1) + byDefault);
            });
  }
}
