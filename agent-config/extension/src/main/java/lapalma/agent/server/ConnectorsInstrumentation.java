package lapalma.agent.server;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import io.opentelemetry.context.Scope;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import io.undertow.server.HttpServerExchange;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * Instruments the one method through which Undertow runs a root handler, whatever the protocol, and
 * every dispatched handler. {@link DispatchInstrumentation} is for other dispatched tasks.
 */
final class ConnectorsInstrumentation implements TypeInstrumentation {

  @Override
  public ElementMatcher<TypeDescription> typeMatcher() {
    return named("io.undertow.server.Connectors");
  }

  @Override
  public void transform(TypeTransformer transformer) {
    transformer.applyAdviceToMethod(
        named("executeRootHandler")
            .and(takesArguments(2))
            .and(takesArgument(1, named("io.undertow.server.HttpServerExchange"))),
        HandlerAdvice.class.getName());
  }

  @SuppressWarnings({"unused", "MustBeClosedChecker"}) // the exit closes the scope
  static final class HandlerAdvice {

    private HandlerAdvice() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void onEnter(
        @Advice.Argument(1) HttpServerExchange exchange,
        @Advice.Local("request") ServerRequest request,
        @Advice.Local("scope") Scope scope)
        throws Throwable {
      request = ServerRequest.handlerStarts(exchange);
      scope = request == null ? null : request.makeCurrent();
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void onExit(
        @Advice.Argument(1) HttpServerExchange exchange,
        @Advice.Local("request") ServerRequest request,
        @Advice.Local("scope") Scope scope)
        throws Throwable {
      // Not through the exchange's attachments: another thread may already use them.
      if (scope != null) {
        scope.close();
        request.handlerEnds(exchange);
      }
    }
  }
}
