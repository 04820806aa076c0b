package lapalma.agent.route;

import io.opentelemetry.context.Context;
import io.undertow.server.DefaultResponseListener;
import io.undertow.util.AttachmentKey;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the exception that a handler attaches to the exchange, for the server span.
 *
 * <p>Upstream looks for the exception only if the exchange ends after its last handler. A handler
 * that was dispatched to a worker thread may return later, and upstream then finds no exception.
 */
public final class HandledException {
  /** Upstream's store of reported exceptions, which is not part of the extensions' API. */
  private static final String BRIDGE =
      "io.opentelemetry.javaagent.bootstrap.servlet.AppServerBridge";

  private static final @Nullable MethodHandle RECORD = record();

  private HandledException() {}

  /** Called for every attachment of every exchange, as {@link MatchedRoute#attached}. */
  public static void attached(AttachmentKey<?> key, Object value) throws Throwable {
    if (key == DefaultResponseListener.EXCEPTION
        && RECORD != null
        && value instanceof Throwable exception) {
      RECORD.invoke(Context.current(), exception);
    }
  }

  private static @Nullable MethodHandle record() {
    try {
      return MethodHandles.publicLookup()
          .findStatic(
              Class.forName(BRIDGE, false, null),
              "recordException",
              MethodType.methodType(void.class, Context.class, Throwable.class));
    } catch (ReflectiveOperationException e) {
      return null; // the agent has no such class
    }
  }
}
