package lapalma.agent.method;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.incubator.ExtendedOpenTelemetry;
import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What is to be traced of one class.
 *
 * @param className its binary name; of what extends or implements it the same methods are traced
 * @param methodNames at least one; of overloaded methods each is traced
 * @param attributes of the spans of a method, by its name
 */
record MethodsToTrace(
    String className, List<String> methodNames, Map<String, List<SpanAttribute>> attributes) {
  private static final String INTERNAL = "INTERNAL";

  MethodsToTrace(String className, List<String> methodNames) {
    this(className, methodNames, Map.of());
  }

  /** Reads the agent's configuration, as {@link #from} does. */
  static List<MethodsToTrace> configured(Consumer<String> complain) {
    return GlobalOpenTelemetry.get() instanceof ExtendedOpenTelemetry extended
        ? from(extended.getInstrumentationConfig("sampled_methods"), complain)
        : List.of();
  }

  /**
   * Reads {@code include}, which has the form that upstream's {@code methods} has. An entry that
   * cannot be used is passed over.
   *
   * @param complain is told in one sentence why
   */
  static List<MethodsToTrace> from(DeclarativeConfigProperties config, Consumer<String> complain) {
    List<MethodsToTrace> all = new ArrayList<>();
    for (DeclarativeConfigProperties one : config.getStructuredList("include", List.of())) {
      String className = one.getString("class", "");
      List<String> methodNames = methodNames(className, one, complain);
      if (className.isEmpty()) {
        complain.accept("sampled_methods has an entry without a class: name one.");
      } else if (methodNames.isEmpty()) {
        complain.accept("sampled_methods names no method of " + className + ": name one.");
      } else {
        all.add(new MethodsToTrace(className, methodNames, attributes(className, one, complain)));
      }
    }
    return all;
  }

  private static List<String> methodNames(
      String className, DeclarativeConfigProperties one, Consumer<String> complain) {
    List<String> names = new ArrayList<>();
    for (DeclarativeConfigProperties method : one.getStructuredList("methods", List.of())) {
      String name = method.getString("name", "");
      if (name.isEmpty()) {
        complain.accept("sampled_methods has a method of " + className + " without a name.");
      } else if (!method.getString("span_kind", INTERNAL).equalsIgnoreCase(INTERNAL)) {
        complain.accept(
            "sampled_methods makes spans of the kind INTERNAL only: put %s of %s under methods."
                .formatted(name, className));
      } else {
        names.add(name);
      }
    }
    return names;
  }

  private static Map<String, List<SpanAttribute>> attributes(
      String className, DeclarativeConfigProperties one, Consumer<String> complain) {
    Map<String, List<SpanAttribute>> all = new HashMap<>();
    for (DeclarativeConfigProperties method : one.getStructuredList("methods", List.of())) {
      List<SpanAttribute> attributes = new ArrayList<>();
      String methodName = method.getString("name", "");
      for (DeclarativeConfigProperties attribute :
          method.getStructuredList("attributes", List.of())) {
        String name = attribute.getString("name", "");
        String from = attribute.getString("from", "");
        if (!SpanAttribute.isName(name)) {
          complain.accept(
              "sampled_methods cannot name an attribute of %s.%s '%s': use small letters, digits, underscores and dots, as in dice.value."
                  .formatted(className, methodName, name));
        } else {
          SpanAttribute.of(name, from)
              .ifPresentOrElse(
                  attributes::add,
                  () ->
                      complain.accept(
                          "sampled_methods cannot take %s of %s.%s from '%s': write return, or argument[0] and so on."
                              .formatted(name, className, methodName, from)));
        }
      }
      if (!attributes.isEmpty()) {
        all.put(methodName, List.copyOf(attributes));
      }
    }
    return Map.copyOf(all);
  }

  /**
   * Returns the attributes of a method of a type that is the class, or extends or implements it.
   */
  List<SpanAttribute> attributesOf(Class<?> type, String methodName) {
    List<SpanAttribute> ofTheName = attributes.getOrDefault(methodName, List.of());
    return ofTheName.isEmpty() || !isOrExtends(type) ? List.of() : ofTheName;
  }

  private boolean isOrExtends(Class<?> type) {
    for (Class<?> one = type; one != null; one = one.getSuperclass()) {
      if (one.getName().equals(className)
          || Stream.of(one.getInterfaces()).anyMatch(this::isOrExtends)) {
        return true;
      }
    }
    return false;
  }
}
