package lapalma.dice;

import ch.qos.logback.classic.Level;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What the server reads from its environment.
 *
 * @param port TCP port to listen on, 0 to 65535; 0 takes any free port, which the log names
 * @param version shown by {@code /health} and {@code app_info}
 * @param logLevel lowest level that is logged
 * @param drain how long {@code /health} answers 503 before a stop, 0 to 60 s
 */
record Settings(int port, String version, Level logLevel, Duration drain) {
  /** The name that the reference app gives itself in its answers, logs and metric labels. */
  static final String APP = "dice-api";

  private static final String DEFAULT_PORT = "5000";
  private static final String DEFAULT_VERSION = "dev";
  private static final String DEFAULT_LEVEL = "INFO";
  private static final String DEFAULT_DRAIN_SECONDS = "0";

  // docker-compose.yml gives a stop more time than the longest drain takes.
  private static final int LONGEST_DRAIN_SECONDS = 60;

  // Narrow enough to stand in JSON and in a metric label without escaping; wide enough for the tag
  // of any image and for any semantic version.
  private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9._+-]{1,128}");

  // WARNING and CRITICAL are what Python, the language of the reference app, calls WARN and ERROR.
  private static final Map<String, Level> LEVELS =
      Map.of(
          "TRACE", Level.TRACE,
          "DEBUG", Level.DEBUG,
          "INFO", Level.INFO,
          "WARN", Level.WARN,
          "WARNING", Level.WARN,
          "ERROR", Level.ERROR,
          "CRITICAL", Level.ERROR);

  /** Reads the settings; an unset or empty variable takes its default. */
  static Settings from(Map<String, String> environment) throws BadSettingException {
    return new Settings(
        port(valueOf(environment, "PORT", DEFAULT_PORT)),
        version(valueOf(environment, "APP_VERSION", DEFAULT_VERSION)),
        level(valueOf(environment, "LOG_LEVEL", DEFAULT_LEVEL)),
        drain(valueOf(environment, "DRAIN_SECONDS", DEFAULT_DRAIN_SECONDS)));
  }

  private static String valueOf(Map<String, String> environment, String name, String byDefault) {
    String value = environment.getOrDefault(name, "").strip();
    return value.isEmpty() ? byDefault : value;
  }

  private static int port(String value) throws BadSettingException {
    if (value.matches("[0-9]{1,5}") && Integer.parseInt(value) <= 65_535) {
      return Integer.parseInt(value);
    }
    throw new BadSettingException(
        "PORT is '%s': set it to a whole number from 0 to 65535 (0 takes any free port)."
            .formatted(value));
  }

  private static String version(String value) throws BadSettingException {
    if (VERSION.matcher(value).matches()) {
      return value;
    }
    throw new BadSettingException(
        "APP_VERSION is '%s': use 1 to 128 letters, digits, dots, underscores, plus or minus signs."
            .formatted(value));
  }

  private static Level level(String value) throws BadSettingException {
    Level level = LEVELS.get(value.toUpperCase(Locale.ROOT));
    if (level == null) {
      throw new BadSettingException(
          "LOG_LEVEL is '%s': set it to TRACE, DEBUG, INFO, WARN or ERROR.".formatted(value));
    }
    return level;
  }

  private static Duration drain(String value) throws BadSettingException {
    if (value.matches("[0-9]{1,5}") && Integer.parseInt(value) <= LONGEST_DRAIN_SECONDS) {
      return Duration.ofSeconds(Integer.parseInt(value));
    }
    throw new BadSettingException(
        "DRAIN_SECONDS is '%s': set it to a whole number from 0 to %d."
            .formatted(value, LONGEST_DRAIN_SECONDS));
  }
}
