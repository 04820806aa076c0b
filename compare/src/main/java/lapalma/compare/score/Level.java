package lapalma.compare.score;

import java.util.Locale;

/**
 * The places of an attribute in OTLP. A span's event counts as a log record, as in the registry.
 */
enum Level {
  RESOURCE,
  SPAN,
  METRIC,
  LOG;

  static Level of(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
