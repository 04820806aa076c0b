package lapalma.agent.export;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** The {@code Retry-After} header of an HTTP response (RFC 9110, section 10.2.3). */
final class RetryAfter {
  private RetryAfter() {}

  /** Returns the wait that a value asks for; zero if it is absent, malformed or in the past. */
  static Duration of(String value, Instant now) {
    if (value == null) {
      return Duration.ZERO;
    }
    Duration wait;
    try {
      wait =
          value.matches("\\d{1,9}")
              ? Duration.ofSeconds(Long.parseLong(value))
              : Duration.between(
                  now,
                  ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException | ArithmeticException e) {
      return Duration.ZERO;
    }
    return wait.isNegative() ? Duration.ZERO : wait;
  }
}
