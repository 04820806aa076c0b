package lapalma.compare.app;

import java.util.HashMap;
import java.util.Map;
import lapalma.compare.LabException;

/**
 * The values of the placeholders in the files of an app and of a variant.
 *
 * @param whose the owner of the texts, for the message about an unknown placeholder
 */
record Placeholders(String whose, Map<String, String> values) {

  Placeholders(String whose) {
    this(whose, new HashMap<>());
  }

  void put(String name, Object value) {
    values.put(name, value.toString());
  }

  /**
   * Fills in a text.
   *
   * @throws LabException when a placeholder has no value
   */
  String in(String text) {
    String filled = text;
    for (var value : values.entrySet()) {
      filled = filled.replace("{" + value.getKey() + "}", value.getValue());
    }
    if (filled.matches("(?s).*\\{[a-z-]+}.*")) {
      throw new LabException("%s has '%s', with an unknown placeholder.".formatted(whose, text));
    }
    return filled;
  }

  Map<String, String> in(Map<String, String> texts) {
    Map<String, String> filled = new HashMap<>();
    texts.forEach((name, text) -> filled.put(name, in(text)));
    return filled;
  }
}
