package lapalma.agent.log;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import ch.qos.logback.classic.spi.ILoggingEvent;
import io.opentelemetry.javaagent.bootstrap.CallDepth;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatcher;
import org.jspecify.annotations.Nullable;

/**
 * Wraps the method that takes each event from its logger to the appenders, in which upstream
 * exports it.
 */
final class CallAppendersInstrumentation implements TypeInstrumentation {
  private final Class<?> advice;

  CallAppendersInstrumentation(Class<?> advice) {
    this.advice = advice;
  }

  @Override
  public ElementMatcher<TypeDescription> typeMatcher() {
    return named("ch.qos.logback.classic.Logger");
  }

  @Override
  public void transform(TypeTransformer transformer) {
    transformer.applyAdviceToMethod(
        named("callAppenders").and(takesArguments(1)), advice.getName());
  }

  @SuppressWarnings("unused")
  static final class TraceIdsAdvice {

    private TraceIdsAdvice() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void onEnter(@Advice.Argument(0) ILoggingEvent event) {
      TraceIds.addTo(event);
    }
  }

  @SuppressWarnings("unused")
  static final class ExportAdvice {

    private ExportAdvice() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static @Nullable CallDepth onEnter(@Advice.Argument(0) ILoggingEvent event) {
      return UnsampledLines.keepFromExport(event);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void onExit(@Advice.Enter @Nullable CallDepth kept) {
      if (kept != null) {
        kept.decrementAndGet();
      }
    }
  }
}
