package lapalma.agent.route;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * Observes each template match and each exception when it is attached to the exchange.
 *
 * <p>A match is known only from this moment on, just before its handler runs. When {@code
 * RoutingHandler#handleRequest} returns, the request may have been answered and its span ended.
 */
public final class AttachmentInstrumentation implements TypeInstrumentation {
  private final String advice;

  /**
   * @param advice the binary name of the class whose advice is woven into {@code putAttachment}
   */
  public AttachmentInstrumentation(String advice) {
    this.advice = advice;
  }

  @Override
  public ElementMatcher<TypeDescription> typeMatcher() {
    return named("io.undertow.util.AbstractAttachable");
  }

  @Override
  public void transform(TypeTransformer transformer) {
    transformer.applyAdviceToMethod(named("putAttachment").and(takesArguments(2)), advice);
  }
}
