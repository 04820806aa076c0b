package lapalma.agent.client;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.namedOneOf;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import io.undertow.client.ClientCallback;
import io.undertow.client.ClientConnection;
import io.undertow.client.ClientExchange;
import io.undertow.client.ClientRequest;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatcher;

/** Starts the span of a request that is sent. */
final class SendRequestInstrumentation implements TypeInstrumentation {

  @Override
  public ElementMatcher<TypeDescription> typeMatcher() {
    return namedOneOf(
        "io.undertow.client.http.HttpClientConnection",
        "io.undertow.client.http2.Http2ClientConnection",
        "io.undertow.client.ajp.AjpClientConnection");
  }

  @Override
  public void transform(TypeTransformer transformer) {
    transformer.applyAdviceToMethod(
        named("sendRequest").and(takesArguments(2)), SendAdvice.class.getName());
  }

  @SuppressWarnings("unused")
  static final class SendAdvice {

    private SendAdvice() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void onEnter(
        @Advice.This ClientConnection connection,
        @Advice.Argument(0) ClientRequest request,
        @Advice.Argument(value = 1, readOnly = false) ClientCallback<ClientExchange> callback) {
      callback = ClientCall.begin(connection, request, callback);
    }
  }
}
