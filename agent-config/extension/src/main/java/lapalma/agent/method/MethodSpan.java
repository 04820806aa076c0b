package lapalma.agent.method;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.instrumentation.api.incubator.semconv.code.CodeAttributesExtractor;
import io.opentelemetry.instrumentation.api.incubator.semconv.code.CodeAttributesGetter;
import io.opentelemetry.instrumentation.api.incubator.semconv.code.CodeSpanNameExtractor;
import io.opentelemetry.instrumentation.api.instrumenter.Instrumenter;

/** The span of one call of a method, current until the method returns. */
public final class MethodSpan {
  /** Upstream's: to who searches them, these are the same spans. */
  private static final String SCOPE = "io.opentelemetry.methods";

  private static final Instrumenter<Method, Void> INSTRUMENTER = instrumenter();

  private final Method method;
  private final Context context;
  private final Scope scope;

  @SuppressWarnings("MustBeClosedChecker") // end() closes it
  private MethodSpan(Method method, Context context) {
    this.method = method;
    this.context = context;
    this.scope = context.makeCurrent();
  }

  /** Returns null where the caller's span is not sampled; without a caller the sampler decides. */
  public static MethodSpan start(Class<?> type, String name) {
    Context parent = Context.current();
    SpanContext caller = Span.fromContext(parent).getSpanContext();
    if (caller.isValid() && !caller.isSampled()) {
      return null;
    }
    var method = new Method(type, name);
    return INSTRUMENTER.shouldStart(parent, method)
        ? new MethodSpan(method, INSTRUMENTER.start(parent, method))
        : null;
  }

  /**
   * Ends the span.
   *
   * @param thrown by the method, or null
   */
  public void end(Throwable thrown) {
    scope.close();
    INSTRUMENTER.end(context, method, null, thrown);
  }

  private static Instrumenter<Method, Void> instrumenter() {
    var attributes = new MethodAttributes();
    return Instrumenter.<Method, Void>builder(
            GlobalOpenTelemetry.get(), SCOPE, CodeSpanNameExtractor.create(attributes))
        .addAttributesExtractor(CodeAttributesExtractor.create(attributes))
        .buildInstrumenter();
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
