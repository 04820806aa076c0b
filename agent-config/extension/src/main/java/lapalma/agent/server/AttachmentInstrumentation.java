package lapalma.agent.server;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import io.undertow.util.AttachmentKey;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatcher;

/** Tells a request of each template match and of each exception when they are attached to it. */
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
        @Advice.Argument(1) Object value) {
      ServerRequest.attached(attachable, key, value);
    }
  }
}
