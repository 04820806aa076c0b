package lapalma.agent.method;

import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What is to be traced of one class.
 *
 * @param className its binary name; of what extends or implements it the same methods are traced
 * @param methodNames at least one; of overloaded methods each is traced
 */
record MethodsToTrace(String className, List<String> methodNames) {
  private static final String INTERNAL = "INTERNAL";

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
        all.add(new MethodsToTrace(className, methodNames));
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
}
