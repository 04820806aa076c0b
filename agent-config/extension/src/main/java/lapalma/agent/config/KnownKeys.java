package lapalma.agent.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.model.OpenTelemetryConfigurationModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The keys that the agent and this extension read.
 *
 * <p>The agent's own are those of the classes that it reads the file into, so that they are those
 * of its version. The two tables beside this class have what these classes leave open: the settings
 * of components and of instrumentations, and which keys are required.
 */
final class KnownKeys {
  private static final String MODELS = OpenTelemetryConfigurationModel.class.getPackageName() + ".";
  private static final String INTERNAL = "internal.";
  private static final String EXPERIMENTAL = "Experimental";
  private static final String MODEL = "Model";
  private static final String SETTINGS = "java";
  private static final String INSTRUMENTATIONS = "instrumentations ";

  private static final Map<Class<?>, Shape.Kind> SCALARS =
      Map.of(
          String.class, Shape.Kind.TEXT,
          Boolean.class, Shape.Kind.BOOLEAN,
          Integer.class, Shape.Kind.INTEGER,
          Long.class, Shape.Kind.INTEGER,
          Double.class, Shape.Kind.NUMBER);

  private static final Map<String, Shape.Kind> KINDS =
      Map.of(
          "any", Shape.Kind.ANY,
          "text", Shape.Kind.TEXT,
          "boolean", Shape.Kind.BOOLEAN,
          "integer", Shape.Kind.INTEGER,
          "decimal", Shape.Kind.DECIMAL);

  private final Map<String, Shape> tables = new HashMap<>();
  private final Map<Class<?>, Shape> models = new HashMap<>();
  private final Set<String> instrumentations = new HashSet<>();

  KnownKeys() {
    read("extension-keys.txt");
    read("agent-keys.txt");
    settings().open = true;
    instrumentations.addAll(settings().keys().keySet());
  }

  /** Returns what the whole file may be. */
  Shape file() {
    Shape file = model(OpenTelemetryConfigurationModel.class);
    file.keys();
    file.open = false; // nothing reads another key, although the schema allows it
    return file;
  }

  /** Returns the settings of instrumentations, by their names. */
  Shape settings() {
    return requireNonNull(tables.get(SETTINGS));
  }

  /** Returns the names of instrumentations that the agent and this extension have. */
  Set<String> instrumentations() {
    return instrumentations;
  }

  private void read(String table) {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(KnownKeys.class.getResourceAsStream(table), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(INSTRUMENTATIONS)) {
          instrumentations.addAll(List.of(line.substring(INSTRUMENTATIONS.length()).split(" ")));
        } else if (!line.startsWith("#")) {
          int space = line.indexOf(' ');
          add(line.substring(0, space).split("\\."), line.substring(space + 1));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(String[] place, String what) {
    Shape at = tables.computeIfAbsent(place[0], type -> new Shape(Shape.Kind.MAP));
    for (int i = 1; i < place.length - 1; i++) {
      boolean list = place[i].endsWith("[]");
      String key = list ? place[i].substring(0, place[i].length() - 2) : place[i];
      at =
          at.keys()
              .computeIfAbsent(
                  key,
                  missing -> {
                    var map = new Shape(Shape.Kind.MAP);
                    return list ? Shape.listOf(map) : map;
                  });
      at = list ? at.element() : at;
    }
    String key = place[place.length - 1];
    String kind = what.replace("!", "");
    if (kind.length() < what.length()) {
      at.required.add(key);
    }
    if (!kind.isEmpty()) {
      at.keys().put(key, ofKind(kind));
    }
  }

  private Shape ofKind(String kind) {
    if (kind.contains("|")) {
      var choice = new Shape(Shape.Kind.CHOICE);
      choice.choices = List.of(kind.split("\\|"));
      return choice;
    }
    return switch (kind) {
      case "texts" -> Shape.listOf(new Shape(Shape.Kind.TEXT));
      case "names" -> Shape.listOf(new Shape(Shape.Kind.NAME));
      default -> KINDS.containsKey(kind) ? new Shape(KINDS.get(kind)) : modelNamed(kind);
    };
  }

  /** Returns the shape of a type of the model; of anything, if this agent has no such type. */
  private Shape modelNamed(String type) {
    for (String name : List.of(type, INTERNAL + EXPERIMENTAL + type)) {
      try {
        return model(load(MODELS + name + MODEL));
      } catch (ClassNotFoundException e) {
        // The next name, or an agent of another version.
      }
    }
    return new Shape(Shape.Kind.ANY);
  }

  private static Class<?> load(String name) throws ClassNotFoundException {
    return Class.forName(name, true, KnownKeys.class.getClassLoader());
  }

  private Shape model(Class<?> type) {
    return models.computeIfAbsent(
        type, missing -> Shape.lazy(() -> fill(requireNonNull(models.get(type)), type)));
  }

  private void fill(Shape map, Class<?> type) {
    for (Method method : type.getDeclaredMethods()) {
      JsonProperty key = method.getAnnotation(JsonProperty.class);
      if (key != null && method.getParameterCount() == 0) {
        map.keys().put(key.value(), ofType(method.getGenericReturnType()));
      }
      map.open |= method.isAnnotationPresent(JsonAnySetter.class);
    }
    if (map.open) {
      for (Map.Entry<String, Class<?>> one : experimental(type).entrySet()) {
        map.keys().put(one.getKey(), ofType(one.getValue()));
      }
      map.open = !refusesOtherKeys(type);
    }

    String name = type.getSimpleName();
    name =
        name.substring(
            name.startsWith(EXPERIMENTAL) ? EXPERIMENTAL.length() : 0,
            name.length() - MODEL.length());
    Shape added = tables.get(name);
    if (added != null) {
      map.required.addAll(added.required);
      map.keys().putAll(added.keys());
    }
    if (name.equals("Instrumentation")) {
      map.keys().put(SETTINGS, settings());
    }
  }

  /** The keys that end in {@code /development}, which the agent keeps apart from the others. */
  @SuppressWarnings("unchecked")
  private static Map<String, Class<?>> experimental(Class<?> type) {
    try {
      Class<?> accessor = load(MODELS + INTERNAL + type.getSimpleName() + "Accessor");
      return (Map<String, Class<?>>) accessor.getField("EXPERIMENTAL_PROPERTIES").get(null);
    } catch (ReflectiveOperationException e) {
      return Map.of();
    }
  }

  /** Whether a type takes keys without a getter only because of {@link #experimental}. */
  private static boolean refusesOtherKeys(Class<?> type) {
    try {
      Field allows = type.getDeclaredField("ALLOWS_ADDITIONAL_PROPERTIES");
      allows.setAccessible(true);
      return !allows.getBoolean(null);
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  private Shape ofType(Type type) {
    if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
      return Shape.listOf(ofType(generic.getActualTypeArguments()[0]));
    }
    if (!(type instanceof Class<?> raw)) {
      return new Shape(Shape.Kind.ANY);
    }
    if (raw.isEnum()) {
      var choice = new Shape(Shape.Kind.CHOICE);
      choice.choices = Stream.of(raw.getEnumConstants()).map(KnownKeys::value).toList();
      return choice;
    }
    if (raw.getName().startsWith(MODELS)) {
      return model(raw);
    }
    var scalar = new Shape(SCALARS.getOrDefault(raw, Shape.Kind.ANY));
    scalar.converted = true;
    return scalar;
  }

  private static String value(Object constant) {
    try {
      return (String) constant.getClass().getMethod("value").invoke(constant);
    } catch (ReflectiveOperationException e) {
      return constant.toString();
    }
  }
}
