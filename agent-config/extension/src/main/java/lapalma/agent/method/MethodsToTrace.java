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
 * The methods of one class that are traced.
 *
 * @param className its binary name; its subclasses and implementations are traced too
 * @param methods at least one name, with the attributes of its spans; all overloads are traced
 */
record MethodsToTrace(String className, Map<String, List<SpanAttribute>> methods) {
  private static final String INTERNAL = "INTERNAL";

  /** Reads the agent's configuration, as {@link #from} does. */
  static List<MethodsToTrace> configured(Consumer<String> complain) {
    return GlobalOpenTelemetry.get() instanceof ExtendedOpenTelemetry extended
        ? from(extended.getInstrumentationConfig("sampled_methods"), complain)
        : List.of();
  }

  /**
   * Reads {@code include}, which has the form of upstream's {@code methods}. Unusable entries are
   * skipped.
   *
   * @param complain receives one sentence about each of them
   */
  static List<MethodsToTrace> from(DeclarativeConfigProperties config, Consumer<String> complain) {
    List<MethodsToTrace> all = new ArrayList<>();
    for (DeclarativeConfigProperties one : config.getStructuredList("include", List.of())) {
      String className = one.getString("class", "");
      Map<String, List<SpanAttribute>> methods = methods(className, one, complain);
      if (className.isEmpty()) {
        complain.accept("sampled_methods has an entry without a class: name one.");
      } else if (methods.isEmpty()) {
        complain.accept("sampled_methods names no method of " + className + ": name one.");
      } else {
        all.add(new MethodsToTrace(className, methods));
      }
    }
    return all;
  }

  private static Map<String, List<SpanAttribute>> methods(
      String className, DeclarativeConfigProperties one, Consumer<String> complain) {
    Map<String, List<SpanAttribute>> methods = new HashMap<>();
    for (DeclarativeConfigProperties method : one.getStructuredList("methods", List.of())) {
      String name = method.getString("name", "");
      if (name.isEmpty()) {
        complain.accept("sampled_methods has a method of " + className + " without a name.");
      } else if (!method.getString("span_kind", INTERNAL).equalsIgnoreCase(INTERNAL)) {
        complain.accept(
            "sampled_methods makes spans of the kind INTERNAL only: put %s of %s under methods."
                .formatted(name, className));
      } else {
        methods.put(name, attributes(className + "." + name, method, complain));
      }
    }
    return Map.copyOf(methods);
  }

  private static List<SpanAttribute> attributes(
      String method, DeclarativeConfigProperties config, Consumer<String> complain) {
    List<SpanAttribute> attributes = new ArrayList<>();
    for (DeclarativeConfigProperties one : config.getStructuredList("attributes", List.of())) {
      String name = one.getString("name", "");
      String from = one.getString("from", "");
      if (!SpanAttribute.isName(name)) {
        complain.accept(
            "sampled_methods cannot name an attribute of %s '%s': use small letters, digits, underscores and dots, as in dice.value."
                .formatted(method, name));
      } else {
        SpanAttribute.of(name, from)
            .ifPresentOrElse(
                attributes::add,
                () ->
                    complain.accept(
                        "sampled_methods cannot take %s of %s from '%s': write return, or argument[0] and so on."
                            .formatted(name, method, from)));
      }
    }
    return List.copyOf(attributes);
  }

  /**
   * Returns the attributes of a method of a type that is the class, or extends or implements it.
   */
  List<SpanAttribute> attributesOf(Class<?> type, String methodName) {
    List<SpanAttribute> ofTheName = methods.getOrDefault(methodName, List.of());
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
