package lapalma.compare.score;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lapalma.compare.LabException;
import org.fhir.ucum.UcumEssenceService;
import org.fhir.ucum.UcumException;
import org.fhir.ucum.UcumService;

/** Units of measure by the Unified Code for Units of Measure (UCUM). */
final class Units {
  /** The words for the units that software has, as they stand in names. */
  private static final Map<String, List<String>> WORDS =
      Map.ofEntries(
          Map.entry("s", List.of("second", "seconds", "sec", "secs")),
          Map.entry("ms", List.of("millisecond", "milliseconds", "millis")),
          Map.entry("us", List.of("microsecond", "microseconds", "micros")),
          Map.entry("ns", List.of("nanosecond", "nanoseconds", "nanos")),
          Map.entry("min", List.of("minute", "minutes")),
          Map.entry("h", List.of("hour", "hours")),
          Map.entry("d", List.of("day", "days")),
          Map.entry("By", List.of("byte", "bytes")),
          Map.entry("kBy", List.of("kilobyte", "kilobytes")),
          Map.entry("KiBy", List.of("kibibyte", "kibibytes")),
          Map.entry("MBy", List.of("megabyte", "megabytes")),
          Map.entry("MiBy", List.of("mebibyte", "mebibytes")),
          Map.entry("GBy", List.of("gigabyte", "gigabytes")),
          Map.entry("GiBy", List.of("gibibyte", "gibibytes")),
          Map.entry("bit", List.of("bits")),
          Map.entry("%", List.of("percent", "percentage")),
          Map.entry("Cel", List.of("celsius")),
          Map.entry("Hz", List.of("hertz")),
          Map.entry("m", List.of("meter", "meters", "metre", "metres")),
          Map.entry("g", List.of("gram", "grams")),
          Map.entry("J", List.of("joule", "joules")),
          Map.entry("W", List.of("watt", "watts")),
          Map.entry("V", List.of("volt", "volts")));

  private final UcumService ucum;

  Units() {
    try (InputStream essence = UcumService.class.getResourceAsStream("/ucum-essence.xml")) {
      this.ucum = new UcumEssenceService(essence);
    } catch (IOException | UcumException e) {
      throw new LabException("The units of UCUM cannot be read.", e);
    }
  }

  /** Returns whether a unit is stated and one of UCUM, which has annotations such as {request}. */
  boolean isValid(String unit) {
    return !unit.isEmpty() && ucum.validate(unit) == null;
  }

  /**
   * Returns the words that would repeat a unit in a name. What stands in braces is no unit, but
   * says what is counted.
   */
  static List<String> words(String unit) {
    List<String> words = new ArrayList<>();
    for (String part : unit.replaceAll("\\{[^}]*}", "").split("[./]")) {
      if (part.matches(".*[A-Za-z%].*")) {
        words.add(part);
        words.addAll(WORDS.getOrDefault(part, List.of()));
      }
    }
    return words;
  }
}
