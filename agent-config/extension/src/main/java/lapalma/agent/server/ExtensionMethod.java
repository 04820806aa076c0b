package lapalma.agent.server;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Finds methods of the extension: the app's class loader, with its helpers, does not see them. */
public final class ExtensionMethod {
  private ExtensionMethod() {}

  /** Returns false if no extension of the agent provides the service. */
  static boolean mayBeProvided(Class<?> service) {
    try {
      return ServiceLoader.load(service, extensions()).iterator().hasNext();
    } catch (ReflectiveOperationException | ServiceConfigurationError | LinkageError e) {
      return true; // nobody knows
    }
  }

  private static ClassLoader extensions() throws ReflectiveOperationException {
    return (ClassLoader)
        Class.forName("io.opentelemetry.javaagent.bootstrap.AgentInitializer", false, null)
            .getMethod("getExtensionsClassLoader")
            .invoke(null);
  }

  /** Returns null outside of an agent, or with one that keeps its extensions elsewhere. */
  static @Nullable MethodHandle find(
      String type, String name, Class<?> result, Class<?>... parameters) {
    try {
      return MethodHandles.publicLookup()
          .findStatic(
              Class.forName(type, true, extensions()),
              name,
              MethodType.methodType(result, parameters));
    } catch (ReflectiveOperationException | LinkageError e) {
      return null;
    }
  }
}
