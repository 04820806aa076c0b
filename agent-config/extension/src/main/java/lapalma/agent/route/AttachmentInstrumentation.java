package lapalma.agent.route;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import io.undertow.util.AttachmentKey;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * Sees each template match and each exception at the moment when it is attached to the exchange.
 *
 * <p>For a match that is the one point between it and the handler behind it. When {@code
 * RoutingHandler#handleRequest} returns, the request may have been answered and its span ended.
 */
final class AttachmentInstrumentation implements TypeInstrumentation {

  @Override
  public ElementMatcher<TypeDescription> typeMatcher() {
    return named("io.undertow.util.AbstractAttachable");
  }

  @Override
  public void transform(TypeTransformer transformer) {
    transformer.applyAdviceToMethod(
        named("putAttachment").and(takesArguments(2)), PutAttachmentAdvice.class.getName());
  }

  @SuppressWarnings("unused")
  static final class PutAttachmentAdvice {

    private PutAttachmentAdvice() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void onExit(
        @Advice.This Object attachable,
        @Advice.Argument(0) AttachmentKey<?> key,
        @Advice.Argument(1) Object value,
        @Advice.Return Object previous)
        throws Throwable {
      MatchedRoute.attached(attachable, key, value, previous);
      HandledException.attached(key, value);
    }
  }
}
