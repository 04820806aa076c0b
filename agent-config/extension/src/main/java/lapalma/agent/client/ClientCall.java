package lapalma.agent.client;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.context.Context;
import io.opentelemetry.instrumentation.api.instrumenter.Instrumenter;
import io.opentelemetry.instrumentation.api.semconv.http.HttpClientAttributesExtractor;
import io.opentelemetry.instrumentation.api.semconv.http.HttpClientMetrics;
import io.opentelemetry.instrumentation.api.semconv.http.HttpSpanNameExtractor;
import io.opentelemetry.instrumentation.api.semconv.http.HttpSpanStatusExtractor;
import io.undertow.client.ClientCallback;
import io.undertow.client.ClientConnection;
import io.undertow.client.ClientExchange;
import io.undertow.client.ClientRequest;
import io.undertow.client.ClientResponse;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A request that is sent over a connection, and its span. */
public final class ClientCall {
  private static final AttachmentKey<ClientCall> KEY = AttachmentKey.create(ClientCall.class);
  private static final Instrumenter<ClientCall, ClientResponse> INSTRUMENTER;

  static {
    var getter = new CallAttributesGetter();
    INSTRUMENTER =
        Instrumenter.<ClientCall, ClientResponse>builder(
                GlobalOpenTelemetry.get(),
                "lapalma.undertow-client",
                HttpSpanNameExtractor.create(getter))
            .setSpanStatusExtractor(HttpSpanStatusExtractor.create(getter))
            .addAttributesExtractor(HttpClientAttributesExtractor.create(getter))
            .addOperationMetrics(HttpClientMetrics.get())
            .buildClientInstrumenter(ClientCall::setHeader);
  }

  private final ClientConnection connection;
  private final ClientRequest request;
  private final AtomicBoolean ended = new AtomicBoolean();
  private Context context = Context.root();

  private ClientCall(ClientConnection connection, ClientRequest request) {
    this.connection = connection;
    this.request = request;
  }

  ClientConnection connection() {
    return connection;
  }

  ClientRequest request() {
    return request;
  }

  private static void setHeader(@Nullable ClientCall call, String name, String value) {
    if (call != null) {
      // A proxy has copied the header of its own caller.
      call.request.getRequestHeaders().put(new HttpString(name), value);
    }
  }

  /**
   * Called before a request is sent. A connection that was upgraded to HTTP/2 hands it to another
   * one, which calls this again.
   *
   * @return what is to be called in place of {@code callback}
   */
  public static ClientCallback<ClientExchange> begin(
      ClientConnection connection, ClientRequest request, ClientCallback<ClientExchange> callback) {
    Context parent = Context.current();
    var call = new ClientCall(connection, request);
    if (request.getAttachment(KEY) != null || !INSTRUMENTER.shouldStart(parent, call)) {
      return callback;
    }
    call.context = INSTRUMENTER.start(parent, call);
    request.putAttachment(KEY, call);
    return new Observed(call, callback, false);
  }

  /** Returns what is to be called in place of the listener for the response. */
  public static ClientCallback<ClientExchange> listening(
      ClientRequest request, ClientCallback<ClientExchange> listener) {
    ClientCall call = request.getAttachment(KEY);
    return call == null || listener == null ? listener : new Observed(call, listener, true);
  }

  private void end(@Nullable ClientResponse response, @Nullable Throwable error) {
    if (ended.compareAndSet(false, true)) {
      INSTRUMENTER.end(context, this, response, error);
    }
  }

  /** Ends the span, and calls what the caller has given. */
  private record Observed(
      ClientCall call, ClientCallback<ClientExchange> callback, boolean forResponse)
      implements ClientCallback<ClientExchange> {

    @Override
    public void completed(ClientExchange exchange) {
      if (forResponse) {
        call.end(exchange.getResponse(), null);
      }
      callback.completed(exchange);
    }

    @Override
    public void failed(IOException e) {
      call.end(null, e);
      callback.failed(e);
    }
  }
}
