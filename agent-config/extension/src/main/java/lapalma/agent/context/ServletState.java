package lapalma.agent.context;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the agent's module for servlets shares with the server's: it is not part of the extensions'
 * API.
 */
final class ServletState {
  private static final String BRIDGE =
      "io.opentelemetry.javaagent.bootstrap.servlet.AppServerBridge";

  private static final UnaryOperator<Context> INIT;
  private static final @Nullable MethodHandle EXCEPTION;
  private static final ContextKey<?>[] KEYS;

  static {
    UnaryOperator<Context> init = UnaryOperator.identity();
    MethodHandle exception = null;
    try {
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      Class<?> bridge = Class.forName(BRIDGE, true, null);
      Class<?> builder = Class.forName(BRIDGE + "$Builder", true, null);
      MethodHandle make = lookup.findConstructor(builder, MethodType.methodType(void.class));
      MethodType itself = MethodType.methodType(builder);
      MethodHandle captures = lookup.findVirtual(builder, "captureServletAttributes", itself);
      MethodHandle records = lookup.findVirtual(builder, "recordException", itself);
      MethodHandle initialize =
          lookup.findVirtual(builder, "init", MethodType.methodType(Context.class, Context.class));
      init =
          context -> {
            try {
              return (Context)
                  initialize.invoke(records.invoke(captures.invoke(make.invoke())), context);
            } catch (Throwable e) {
              return context;
            }
          };
      exception =
          lookup.findStatic(
              bridge,
              "getException",
              MethodType.methodType(Throwable.class, Context.class, Throwable.class));
    } catch (ReflectiveOperationException | LinkageError e) {
      // The agent keeps it elsewhere: a servlet's exception is not recorded.
    }
    INIT = init;
    EXCEPTION = exception;
    KEYS = ContextKeys.setBy(INIT);
  }

  private ServletState() {}

  static boolean has(ContextKey<?> key) {
    for (ContextKey<?> one : KEYS) {
      if (key == one) {
        return true;
      }
    }
    return false;
  }

  static Context create() {
    return INIT.apply(Context.root());
  }

  /** Returns the exception that a servlet has thrown, or null. */
  static @Nullable Throwable exception(Context state) throws Throwable {
    return EXCEPTION == null ? null : (Throwable) EXCEPTION.invokeExact(state, (Throwable) null);
  }
}
