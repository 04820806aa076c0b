package lapalma.agent.method;

import static io.opentelemetry.javaagent.extension.matcher.AgentElementMatchers.hasClassesNamed;
import static io.opentelemetry.javaagent.extension.matcher.AgentElementMatchers.hasSuperType;
import static net.bytebuddy.matcher.ElementMatchers.isBridge;
import static net.bytebuddy.matcher.ElementMatchers.isMethod;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.namedOneOf;
import static net.bytebuddy.matcher.ElementMatchers.not;

import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import java.util.ArrayList;
import java.util.List;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import net.bytebuddy.matcher.ElementMatcher;
import org.jspecify.annotations.Nullable;

/** Puts a span around the methods of one class. */
final class MethodInstrumentation implements TypeInstrumentation {
  private final MethodsToTrace methods;

  MethodInstrumentation(MethodsToTrace methods) {
    this.methods = methods;
  }

  @Override
  public ElementMatcher<ClassLoader> classLoaderOptimization() {
    return hasClassesNamed(methods.className());
  }

  @Override
  public ElementMatcher<TypeDescription> typeMatcher() {
    return hasSuperType(named(methods.className()));
  }

  @Override
  public void transform(TypeTransformer transformer) {
    List<String> plain = new ArrayList<>();
    List<String> withValues = new ArrayList<>();
    methods.methods().forEach((name, values) -> (values.isEmpty() ? plain : withValues).add(name));
    apply(transformer, plain, SpanAdvice.class);
    apply(transformer, withValues, ValuesAdvice.class);
  }

  private static void apply(TypeTransformer transformer, List<String> names, Class<?> advice) {
    if (!names.isEmpty()) {
      transformer.applyAdviceToMethod(
          // A bridge, which the compiler adds for a generic type, only calls the method itself.
          isMethod().and(not(isBridge())).and(namedOneOf(names.toArray(String[]::new))),
          advice.getName());
    }
  }

  @SuppressWarnings("unused")
  static final class SpanAdvice {

    private SpanAdvice() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static @Nullable MethodSpan onEnter(
        @Advice.Origin("#t") Class<?> type, @Advice.Origin("#m") String method) {
      return MethodSpan.start(type, method);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void onExit(
        @Advice.Enter @Nullable MethodSpan span, @Advice.Thrown @Nullable Throwable thrown) {
      if (span != null) {
        span.end(thrown);
      }
    }
  }

  /** The same for methods whose spans have values of the call. */
  @SuppressWarnings("unused")
  static final class ValuesAdvice {

    private ValuesAdvice() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static @Nullable MethodSpan onEnter(
        @Advice.Origin("#t") Class<?> type, @Advice.Origin("#m") String method) {
      return MethodSpan.start(type, method);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void onExit(
        @Advice.Enter @Nullable MethodSpan span,
        @Advice.Thrown @Nullable Throwable thrown,
        @Advice.Return(typing = Assigner.Typing.DYNAMIC) @Nullable Object returned,
        @Advice.AllArguments Object[] arguments) {
      if (span != null) {
        span.end(thrown, returned, arguments);
      }
    }
  }
}
