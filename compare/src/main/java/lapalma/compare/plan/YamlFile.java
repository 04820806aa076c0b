package lapalma.compare.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import lapalma.compare.LabException;
import org.jspecify.annotations.Nullable;

/**
 * A file that describes an app or a variant.
 *
 * @param kind what it is to be, with its article
 */
record YamlFile(Path path, String kind) {
  private static final ObjectMapper YAML =
      YAMLMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .build();

  /** Returns the file's name without its ending. */
  String name() {
    return path.getFileName().toString().replaceFirst("\\.ya?ml$", "");
  }

  /**
   * Reads the file.
   *
   * @throws LabException when it cannot be; the sentence names the key or the line at fault
   */
  <T> T read(Class<T> type) {
    if (!Files.isReadable(path)) {
      throw new LabException("There is no file %s.".formatted(path));
    }
    try {
      T content = YAML.readValue(path.toFile(), type);
      if (content == null) {
        throw bad("it is empty");
      }
      return content;
    } catch (UnrecognizedPropertyException e) {
      throw bad(
          "'%s' is no key: use %s"
              .formatted(
                  key(e),
                  e.getKnownPropertyIds().stream()
                      .map(String::valueOf)
                      .sorted()
                      .collect(Collectors.joining(", "))));
    } catch (MismatchedInputException e) {
      throw bad(
          e.getPath().isEmpty()
              ? "it has no keys"
              : "%s has a value of another type".formatted(key(e)));
    } catch (JsonProcessingException e) {
      throw bad(
          "line %d: %s"
              .formatted(
                  e.getLocation() == null ? 1 : e.getLocation().getLineNr(),
                  String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("")));
    } catch (IOException e) {
      throw bad(LabException.firstLine(e));
    }
  }

  /** Returns the key at fault, such as {@code requests[2].status}. */
  private static String key(JsonMappingException e) {
    return e.getPath().stream()
        .map(
            step ->
                step.getFieldName() == null
                    ? "[%d]".formatted(step.getIndex())
                    : "." + step.getFieldName())
        .collect(Collectors.joining())
        .replaceFirst("^\\.", "");
  }

  LabException bad(String what) {
    return new LabException("%s is not %s: %s.".formatted(path, kind, what));
  }

  static <T> T or(@Nullable T value, T byDefault) {
    return value == null ? byDefault : value;
  }

  /**
   * Returns the value that the last of some files sets.
   *
   * @param lineage the oldest ancestor first
   */
  static <F, T> T inherited(
      List<F> lineage, java.util.function.Function<F, @Nullable T> field, T byDefault) {
    T value = byDefault;
    for (F file : lineage) {
      value = or(field.apply(file), value);
    }
    return value;
  }
}
