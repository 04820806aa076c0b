package lapalma.agent.method;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.context.Context;
import io.opentelemetry.instrumentation.api.incubator.semconv.code.CodeAttributesExtractor;
import io.opentelemetry.instrumentation.api.incubator.semconv.code.CodeAttributesGetter;
import io.opentelemetry.instrumentation.api.incubator.semconv.code.CodeSpanNameExtractor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The name and the attributes of a method's spans. Upstream's extractors make them once, because
 * they are the same for each call.
 *
 * @param values the attributes that each call sets anew
 */
public record MethodDescription(
    String spanName, Attributes attributes, List<SpanAttribute> values) {
  private static final OfEachClass KNOWN = new OfEachClass();

  /** Returns the description of all methods of this name in a class. */
  static MethodDescription of(Class<?> type, String name) {
    Map<String, MethodDescription> ofClass = KNOWN.get(type);
    MethodDescription description = ofClass.get(name);
    if (description == null) {
      description = describe(new Method(type, name));
      ofClass.put(name, description);
    }
    return description;
  }

  private static MethodDescription describe(Method method) {
    var getter = new MethodAttributes();
    AttributesBuilder attributes = Attributes.builder();
    CodeAttributesExtractor.create(getter).onStart(attributes, Context.root(), method);
    return new MethodDescription(
        CodeSpanNameExtractor.create(getter).extract(method),
        attributes.build(),
        // The module has already logged the faults of the configuration.
        MethodsToTrace.configured(wrong -> {}).stream()
            .flatMap(one -> one.attributesOf(method.type(), method.name()).stream())
            .toList());
  }

  /** A cache that does not keep a class from being unloaded. */
  static final class OfEachClass extends ClassValue<Map<String, MethodDescription>> {
    @Override
    protected Map<String, MethodDescription> computeValue(Class<?> type) {
      return new ConcurrentHashMap<>();
    }
  }

  record Method(Class<?> type, String name) {}

  static final class MethodAttributes implements CodeAttributesGetter<Method> {
    @Override
    public Class<?> getCodeClass(Method method) {
      return method.type();
    }

    @Override
    public String getMethodName(Method method) {
      return method.name();
    }
  }
}
