package lapalma.player;

import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * What the player reads from its environment.
 *
 * @param target the address of dice, http or https, without a slash at its end
 * @param rate requests a second, 0.1 to 100
 * @param failures the share of the requests that ask for {@code /fail}, 0 to 1
 */
record Settings(URI target, BigDecimal rate, double failures) {
  private static final String DEFAULT_TARGET = "http://127.0.0.1:5000";
  private static final String DEFAULT_RATE = "2";

  /**
   * Half of the failures that the objective of docs/health.md, 99.9 %, allows. A player with this
   * default thus causes no alert, even if the requests for {@code /fail} count.
   */
  private static final String DEFAULT_FAILURES = "0.0005";

  private static final BigDecimal LOWEST_RATE = new BigDecimal("0.1");
  private static final BigDecimal HIGHEST_RATE = new BigDecimal("100");
  private static final Set<String> SCHEMES = Set.of("http", "https");

  /** Reads the settings; an unset or empty variable takes its default. */
  static Settings from(Map<String, String> environment) throws BadSettingException {
    return new Settings(
        target(valueOf(environment, "PLAYER_TARGET", DEFAULT_TARGET)),
        number(
            "PLAYER_RATE",
            valueOf(environment, "PLAYER_RATE", DEFAULT_RATE),
            LOWEST_RATE,
            HIGHEST_RATE),
        number(
                "PLAYER_FAILURES",
                valueOf(environment, "PLAYER_FAILURES", DEFAULT_FAILURES),
                BigDecimal.ZERO,
                BigDecimal.ONE)
            .doubleValue());
  }

  private static String valueOf(Map<String, String> environment, String name, String byDefault) {
    String value = environment.getOrDefault(name, "").strip();
    return value.isEmpty() ? byDefault : value;
  }

  private static URI target(String value) throws BadSettingException {
    try {
      var target = new URI(value.replaceFirst("/+$", ""));
      if (target.getScheme() != null
          && SCHEMES.contains(target.getScheme())
          && target.getHost() != null
          && target.getPort() <= 65_535
          && target.getRawUserInfo() == null
          && target.getRawQuery() == null
          && target.getRawFragment() == null) {
        return target;
      }
    } catch (URISyntaxException e) {
      // The sentence below says more.
    }
    throw new BadSettingException(
        "PLAYER_TARGET is '%s': set it to the address of a dice server, such as %s."
            .formatted(value, DEFAULT_TARGET));
  }

  private static BigDecimal number(String name, String value, BigDecimal least, BigDecimal most)
      throws BadSettingException {
    if (value.matches("[0-9]{1,3}(\\.[0-9]{1,9})?")) {
      var number = new BigDecimal(value);
      if (number.compareTo(least) >= 0 && number.compareTo(most) <= 0) {
        return number;
      }
    }
    throw new BadSettingException(
        "%s is '%s': set it to a number from %s to %s.".formatted(name, value, least, most));
  }

  /** Returns the time from one request to the next, 10 ms to 10 s. */
  Duration interval() {
    return Duration.ofNanos(Math.round(Duration.ofSeconds(1).toNanos() / rate.doubleValue()));
  }

  /** Returns the first line that the player prints. */
  String announcement() {
    return "Rolling %s times a second at %s"
        .formatted(rate.stripTrailingZeros().toPlainString(), target);
  }
}
