package lapalma.compare.score;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lapalma.compare.LabException;

/**
 * The names that the OpenTelemetry semantic conventions know, of one version.
 *
 * @param templates attributes by the part of their keys before what varies, which ends with a dot
 */
record Registry(
    String version,
    Map<String, Attribute> attributes,
    Map<String, Attribute> templates,
    Map<String, Metric> metrics) {

  /**
   * An attribute.
   *
   * @param levels at which a convention uses it; empty for one that may stand anywhere
   * @param deprecated what to use instead, or empty
   */
  record Attribute(Set<Level> levels, String deprecated) {

    /**
     * Returns whether it may stand at a level. The conventions list what belongs on a signal, but a
     * signal may have more; so what counts is only whether it describes the resource or not.
     */
    boolean fits(Level level) {
      return levels.isEmpty()
          || (level == Level.RESOURCE
              ? levels.contains(Level.RESOURCE)
              : levels.stream().anyMatch(one -> one != Level.RESOURCE));
    }
  }

  record Metric(String unit, String deprecated) {}

  /** Reads the registry that compare/semconv/registry.py wrote. */
  static Registry read() {
    try (InputStream stream = Registry.class.getResourceAsStream("registry.tsv")) {
      return parse(new String(stream.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new LabException("The lab's own registry.tsv cannot be read.", e);
    }
  }

  private static Registry parse(String text) {
    String version = "";
    Map<String, Attribute> attributes = new HashMap<>();
    Map<String, Attribute> templates = new HashMap<>();
    Map<String, Metric> metrics = new HashMap<>();
    for (String line : text.lines().toList()) {
      // A row ends with its last column that is not empty.
      String[] columns = (line + "\t\t\t\t").split("\t", -1);
      String name = columns[1].isEmpty() ? columns[2] : columns[1] + "." + columns[2];
      String third = columns[3];
      String deprecated = columns[4];
      switch (columns[0]) {
        case "version" -> version = columns[1];
        case "attribute" -> {
          var attribute = new Attribute(levels(third), deprecated);
          if (name.endsWith(".*")) {
            templates.put(name.substring(0, name.length() - 1), attribute);
          } else {
            attributes.put(name, attribute);
          }
        }
        case "metric" -> metrics.put(name, new Metric(third, deprecated));
        default -> {
          // Where the names are from.
        }
      }
    }
    return new Registry(version, attributes, templates, metrics);
  }

  private static Set<Level> levels(String names) {
    Set<Level> levels = EnumSet.noneOf(Level.class);
    for (String name : names.split(",")) {
      if (!name.isEmpty()) {
        levels.add(Level.of(name));
      }
    }
    return levels;
  }

  Optional<Attribute> attribute(String key) {
    return Optional.ofNullable(attributes.get(key))
        .or(
            () ->
                templates.entrySet().stream()
                    .filter(template -> key.startsWith(template.getKey()))
                    .map(Map.Entry::getValue)
                    .findFirst());
  }

  Optional<Metric> metric(String name) {
    return Optional.ofNullable(metrics.get(name));
  }
}
