package lapalma.agent.client;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.undertow.client.ClientCallback;
import io.undertow.client.ClientConnection;
import java.io.IOException;

/** Calls back with the context in which the connection was asked for. */
public record ConnectedInContext(Context context, ClientCallback<ClientConnection> callback)
    implements ClientCallback<ClientConnection> {

  /** One {@code connect} calls another with the same callback. */
  public static ClientCallback<ClientConnection> of(ClientCallback<ClientConnection> callback) {
    Context context = Context.current();
    return context == Context.root() || callback instanceof ConnectedInContext
        ? callback
        : new ConnectedInContext(context, callback);
  }

  @Override
  public void completed(ClientConnection connection) {
    try (Scope scope = context.makeCurrent()) {
      callback.completed(connection);
    }
  }

  @Override
  public void failed(IOException e) {
    try (Scope scope = context.makeCurrent()) {
      callback.failed(e);
    }
  }
}
