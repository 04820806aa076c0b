package lapalma.player;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What dice answered. */
sealed interface Answer {
  /** The body of a roll. */
  Pattern ROLL = Pattern.compile("\"dice_value\"\\s*:\\s*([1-6])\\b");

  /**
   * A roll.
   *
   * @param face 1 to 6
   */
  record Rolled(int face) implements Answer {}

  /** There is no such page. */
  record Missing() implements Answer {}

  /** Anything else, such as an error, or the page of another server. */
  record Failed() implements Answer {}

  /** Reads an answer, whatever was asked for. */
  static Answer of(int status, String body) {
    if (status == 404) {
      return new Missing();
    }
    Matcher value = ROLL.matcher(body);
    return status == 200 && value.find()
        ? new Rolled(Integer.parseInt(value.group(1)))
        : new Failed();
  }
}
