package lapalma.agent.server;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import io.undertow.server.HttpServerExchange;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatcher;

/** Makes the request's span current in a {@code Runnable} to which a handler dispatches it. */
final class DispatchInstrumentation implements TypeInstrumentation {

  @Override
  public ElementMatcher<TypeDescription> typeMatcher() {
    return named("io.undertow.server.HttpServerExchange");
  }

  @Override
  public void transform(TypeTransformer transformer) {
    // All other dispatch methods call this one.
    transformer.applyAdviceToMethod(
        named("dispatch").and(takesArguments(2)).and(takesArgument(1, Runnable.class)),
        DispatchAdvice.class.getName());
  }

  @SuppressWarnings("unused")
  static final class DispatchAdvice {

    private DispatchAdvice() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void onEnter(
        @Advice.This HttpServerExchange exchange,
        @Advice.Argument(value = 1, readOnly = false) Runnable task) {
      task = ServerRequest.inContext(exchange, task);
    }
  }
}
