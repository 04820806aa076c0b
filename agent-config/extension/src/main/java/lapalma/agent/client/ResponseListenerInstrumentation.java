package lapalma.agent.client;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.namedOneOf;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import io.undertow.client.ClientCallback;
import io.undertow.client.ClientExchange;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatcher;

/** Ends the span when the head of the response has come. */
final class ResponseListenerInstrumentation implements TypeInstrumentation {

  @Override
  public ElementMatcher<TypeDescription> typeMatcher() {
    return namedOneOf(
        "io.undertow.client.http.HttpClientExchange",
        "io.undertow.client.http2.Http2ClientExchange",
        "io.undertow.client.ajp.AjpClientExchange");
  }

  @Override
  public void transform(TypeTransformer transformer) {
    transformer.applyAdviceToMethod(
        named("setResponseListener").and(takesArguments(1)), ListenAdvice.class.getName());
  }

  @SuppressWarnings("unused")
  static final class ListenAdvice {

    private ListenAdvice() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void onEnter(
        @Advice.This ClientExchange exchange,
        @Advice.Argument(value = 0, readOnly = false) ClientCallback<ClientExchange> listener) {
      listener = ClientCall.listening(exchange.getRequest(), listener);
    }
  }
}
