package lapalma.agent.method;

import static net.bytebuddy.matcher.ElementMatchers.named;

import io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import net.bytebuddy.description.method.MethodList;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.pool.TypePool;

/**
 * Makes the spans of upstream's {@code methods}, but only if the request is sampled.
 *
 * <p>Upstream starts a span in any case, asks the sampler, and discards the span if the request is
 * not sampled. {@code sampled_methods} lists the methods in the form that {@code methods} has.
 *
 * <p>Unlike upstream's, a span ends when its method returns, even if that returns a future, and its
 * kind is always {@code INTERNAL}.
 */
public final class SampledMethodsInstrumentationModule extends InstrumentationModule {
  private static final Logger log =
      Logger.getLogger(SampledMethodsInstrumentationModule.class.getName());

  private final List<MethodsToTrace> methods;

  public SampledMethodsInstrumentationModule() {
    super("sampled-methods");
    methods = MethodsToTrace.configured(log::warning);
    if (log.isLoggable(Level.FINE)) {
      tellWhatIsMissing();
    }
  }

  /**
   * Logs missing classes and values for {@code make check-config}. It is no warning, because some
   * apps load their classes from elsewhere.
   */
  private void tellWhatIsMissing() {
    TypePool app = TypePool.Default.of(new AppClasses());
    for (MethodsToTrace one : methods) {
      TypePool.Resolution type = app.describe(one.className());
      if (!type.isResolved()) {
        log.fine(
            "sampled_methods names %s, which is not on the class path.".formatted(one.className()));
      } else {
        one.methods().forEach((method, all) -> tellMissingValues(type.resolve(), method, all));
      }
    }
  }

  /** Logs the values that no overload of the method has. */
  private static void tellMissingValues(
      TypeDescription type, String method, List<SpanAttribute> attributes) {
    MethodList<?> declared = type.getDeclaredMethods().filter(named(method));
    for (SpanAttribute attribute : attributes) {
      if (!declared.isEmpty() && declared.stream().noneMatch(one -> has(one, attribute))) {
        log.fine(
            "sampled_methods takes %s from %s of %s.%s, which has none."
                .formatted(
                    attribute.name(),
                    attribute.isReturned() ? "return" : "argument[" + attribute.argument() + "]",
                    type.getName(),
                    method));
      }
    }
  }

  private static boolean has(
      net.bytebuddy.description.method.MethodDescription method, SpanAttribute attribute) {
    return attribute.isReturned()
        ? !method.getReturnType().represents(void.class)
        : attribute.argument() < method.getParameters().size();
  }

  @Override
  public List<TypeInstrumentation> typeInstrumentations() {
    return methods.stream().<TypeInstrumentation>map(MethodInstrumentation::new).toList();
  }

  @Override
  public List<String> getAdditionalHelperClassNames() {
    // Without types, the agent does not use helpers, and warns about them.
    return methods.isEmpty()
        ? List.of()
        : List.of(
            "lapalma.agent.method.MethodSpan",
            "lapalma.agent.method.MethodDescription",
            "lapalma.agent.method.MethodDescription$OfEachClass",
            "lapalma.agent.method.MethodDescription$Method",
            "lapalma.agent.method.MethodDescription$MethodAttributes",
            "lapalma.agent.method.MethodsToTrace",
            "lapalma.agent.method.SpanAttribute");
  }
}
