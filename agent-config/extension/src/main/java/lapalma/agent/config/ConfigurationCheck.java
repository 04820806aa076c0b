package lapalma.agent.config;

import io.opentelemetry.sdk.autoconfigure.spi.internal.ComponentProvider;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Finds what the agent would ignore without a word, or refuse without saying where it stands.
 *
 * <p>What another extension may read is no mistake, unless it is a known name with a letter wrong.
 */
final class ConfigurationCheck {
  private static final Logger log = Logger.getLogger(ConfigurationCheck.class.getName());

  private static final LoadSettings YAML =
      LoadSettings.builder().setSchema(new CoreSchema()).build();

  private static final int MOST_LISTED = 12;

  private final String file;
  private final UsableEnvironment environment;
  private final Consumer<String> complain;
  private final KnownKeys known = new KnownKeys();

  /**
   * Makes a check.
   *
   * @param file its name, for the complaints
   * @param environment learns of variables that YAML cannot hold where the file names them
   * @param complain receives a sentence about each mistake, with its line and the path of its key
   */
  ConfigurationCheck(String file, UsableEnvironment environment, Consumer<String> complain) {
    this.file = file;
    this.environment = environment;
    this.complain = complain;
  }

  /**
   * Checks a file.
   *
   * @throws YamlEngineException if it is no YAML
   */
  void check(String yaml) {
    Optional<Node> root = new Compose(YAML).composeString(yaml);
    if (root.isEmpty()) {
      complain.accept(file + ": is empty.");
      return;
    }
    check("", root.get(), known.file());
  }

  private void tell(Node where, String path, String what) {
    int line = where.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    complain.accept(
        "%s:%d: %s: %s".formatted(file, line, path.isEmpty() ? "the file" : path, what));
  }

  private void check(String path, Node node, Shape shape) {
    if (node instanceof ScalarNode scalar) {
      checkScalar(path, scalar, shape);
    } else if (node instanceof SequenceNode list) {
      checkList(path, list, shape);
    } else if (node instanceof MappingNode map) {
      checkMap(path, map, shape);
    }
  }

  private void checkList(String path, SequenceNode list, Shape shape) {
    if (shape.kind != Shape.Kind.LIST && shape.kind != Shape.Kind.ANY) {
      tell(list, path, "must be " + wanted(shape));
      return;
    }
    Shape element = shape.kind == Shape.Kind.LIST ? shape.element() : shape;
    Set<String> names = new HashSet<>();
    int index = 0;
    for (Node one : list.getValue()) {
      String at = path + "[" + index++ + "]";
      check(at, one, element);
      String name = element.required.contains("name") ? nameOf(one) : null;
      if (name != null && !names.add(name)) {
        tell(one, at, name + " stands twice in this list; only the last one counts");
      }
    }
  }

  private static @Nullable String nameOf(Node node) {
    if (node instanceof MappingNode map) {
      for (NodeTuple entry : map.getValue()) {
        if (text(entry.getKeyNode()).equals("name")) {
          return text(entry.getValueNode());
        }
      }
    }
    return null;
  }

  private static String text(Node node) {
    return node instanceof ScalarNode scalar ? scalar.getValue() : node.toString();
  }

  private void checkMap(String path, MappingNode map, Shape shape) {
    if (shape.kind != Shape.Kind.MAP && shape.kind != Shape.Kind.ANY) {
      tell(map, path, "must be " + wanted(shape));
      return;
    }
    Set<String> found = new HashSet<>();
    for (NodeTuple entry : map.getValue()) {
      String key = text(entry.getKeyNode());
      String at = path.isEmpty() ? key : path + "." + key;
      Shape value = shape.keys().get(key);
      if (!found.add(key)) {
        tell(entry.getKeyNode(), at, "stands twice here");
      } else if (value != null || shape.kind == Shape.Kind.ANY) {
        check(at, entry.getValueNode(), value == null ? shape : value);
      } else {
        tellUnknown(at, key, entry.getKeyNode(), shape);
        check(at, entry.getValueNode(), new Shape(Shape.Kind.ANY));
      }
    }
    checkRequired(path, map, shape, found);
  }

  private void checkRequired(String path, Node node, Shape shape, Set<String> found) {
    if (shape.kind == Shape.Kind.MAP) {
      shape.keys();
      shape.required.stream()
          .filter(key -> !found.contains(key))
          .sorted()
          .forEach(key -> tell(node, path, "needs the key " + key));
    }
  }

  private void tellUnknown(String path, String key, Node node, Shape shape) {
    Set<String> keys = new HashSet<>(shape.keys().keySet());
    boolean settings = shape == known.settings();
    if (settings) {
      if (known.instrumentations().contains(key)) {
        tell(node, path, "no instrumentation reads settings here");
        return;
      }
      keys.addAll(known.instrumentations());
    }
    Optional<String> meant =
        shape.open ? Spelling.mistaken(key, keys) : Spelling.nearest(key, keys);
    if (meant.isPresent() && !(shape.open && !settings && isProvided(key))) {
      tell(node, path, "not a key here; did you mean " + meant.get() + "?");
    } else if (!shape.open) {
      tell(
          node,
          path,
          "not a key here"
              + (keys.size() <= MOST_LISTED
                  ? "; use one of " + String.join(", ", shape.keys().keySet())
                  : ""));
    }
  }

  /** Whether an extension has a component of this name after all. */
  private static boolean isProvided(String name) {
    try {
      ClassLoader extensions = ConfigurationCheck.class.getClassLoader();
      for (ComponentProvider one : ServiceLoader.load(ComponentProvider.class, extensions)) {
        if (one.getName().equals(name)) {
          return true;
        }
      }
    } catch (ServiceConfigurationError e) {
      // The agent will say that it cannot load it.
    }
    return false;
  }

  private void checkScalar(String path, ScalarNode node, Shape shape) {
    boolean quoted = node.getScalarStyle() != ScalarStyle.PLAIN;
    boolean substituted = node.getValue().contains("$");
    String text = substituted ? substitute(path, node) : node.getValue();
    Tag tag =
        !substituted || quoted
            ? node.getTag()
            : YAML.getSchema().getScalarResolver().resolve(text, true);
    if (tag.equals(Tag.NULL)) {
      checkRequired(path, node, shape, Set.of());
      return;
    }
    boolean fits =
        switch (shape.kind) {
          case ANY -> true;
          case TEXT -> tag.equals(Tag.STR) || (substituted && shape.converted);
          case NAME, CHOICE -> tag.equals(Tag.STR);
          case BOOLEAN -> tag.equals(Tag.BOOL);
          case INTEGER -> tag.equals(Tag.INT);
          case DECIMAL -> tag.equals(Tag.FLOAT);
          case NUMBER -> tag.equals(Tag.INT) || tag.equals(Tag.FLOAT);
          case LIST, MAP -> false;
        };
    if (!fits) {
      tell(node, path, "must be %s; it is '%s'".formatted(wanted(shape), text));
    } else if (shape.kind == Shape.Kind.CHOICE && !shape.choices.contains(text)) {
      tellOtherChoice(path, node, text, shape.choices);
    } else if (shape.kind == Shape.Kind.NAME) {
      checkName(path, node, text);
    }
  }

  private static String wanted(Shape shape) {
    return shape.kind == Shape.Kind.CHOICE
        ? "one of " + String.join(", ", shape.choices)
        : shape.kind.wanted;
  }

  private void tellOtherChoice(String path, Node node, String text, List<String> choices) {
    tell(
        node,
        path,
        "cannot be '%s'; %s"
            .formatted(
                text,
                Spelling.nearest(text, choices)
                    .map(meant -> "did you mean " + meant + "?")
                    .orElse("use one of " + String.join(", ", choices))));
  }

  /** Unknown names may be those of another extension; {@code make check-config} looks further. */
  private void checkName(String path, Node node, String name) {
    if (!known.instrumentations().contains(name)) {
      Spelling.mistaken(name, known.instrumentations())
          .ifPresentOrElse(
              meant ->
                  tell(
                      node,
                      path,
                      "no instrumentation is called %s; did you mean %s?".formatted(name, meant)),
              () -> log.log(Level.FINE, "Unknown instrumentation: {0}", name));
    }
  }

  /** Returns the text with the values of the variables that it names, as the agent reads it. */
  private String substitute(String path, ScalarNode node) {
    String raw = node.getValue();
    if (UsableEnvironment.hasOpenReference(raw)) {
      tell(
          node,
          path,
          "'%s' has a ${ that does not become a ${NAME} or ${NAME:-default}".formatted(raw));
    }
    List<String> tried = new ArrayList<>();
    String text = environment.substitute(raw, tried);
    try {
      new Load(YAML).loadFromString(text);
    } catch (YamlEngineException e) {
      tried.forEach(environment::refuse);
      text = environment.substitute(raw, new ArrayList<>());
    }
    return text;
  }
}
