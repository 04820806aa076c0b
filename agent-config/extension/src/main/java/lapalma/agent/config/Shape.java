package lapalma.agent.config;

import static java.util.Objects.requireNonNull;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What may stand at one place of the configuration file. */
final class Shape {
  enum Kind {
    ANY("anything"),
    TEXT("text: write it in quotes"),
    NAME("the name of an instrumentation"),
    CHOICE("one of its values"),
    BOOLEAN("true or false, without quotes"),
    INTEGER("a whole number, without quotes"),
    DECIMAL("a decimal number, such as 1.0"),
    NUMBER("a number, without quotes"),
    LIST("a list, such as [first, second]"),
    MAP("keys with values, such as { key: value }");

    final String wanted;

    Kind(String wanted) {
      this.wanted = wanted;
    }
  }

  final Kind kind;

  /** Whether the agent turns the value of a variable into this kind, whatever it looks like. */
  boolean converted;

  private @Nullable Shape element;

  /** Of a {@code CHOICE}. */
  List<String> choices = List.of();

  /** Of a {@code MAP}: whether another extension may add keys. */
  boolean open;

  /** Of a {@code MAP}. */
  final Set<String> required = new HashSet<>();

  private final Map<String, Shape> keys = new TreeMap<>();
  private Runnable fill = () -> {};

  Shape(Kind kind) {
    this.kind = kind;
  }

  static Shape listOf(Shape element) {
    var list = new Shape(Kind.LIST);
    list.element = element;
    return list;
  }

  /** Makes a {@code MAP} whose keys are found out when they are first asked for. */
  static Shape lazy(Runnable fill) {
    var map = new Shape(Kind.MAP);
    map.fill = fill;
    return map;
  }

  /** Returns what each element of a {@code LIST} may be. */
  Shape element() {
    return requireNonNull(element);
  }

  /** Returns the keys of a {@code MAP}. */
  Map<String, Shape> keys() {
    Runnable first = fill;
    fill = () -> {};
    first.run();
    return keys;
  }
}
