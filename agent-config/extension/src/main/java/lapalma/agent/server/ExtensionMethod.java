package lapalma.agent.server;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** Finds methods of the extension: the app's class loader, with its helpers, does not see them. */
public final class ExtensionMethod {
  private ExtensionMethod() {}

  /** Returns null outside of an agent, or with one that keeps its extensions elsewhere. */
  static MethodHandle find(String type, String name, Class<?> result, Class<?>... parameters) {
    try {
      ClassLoader extension =
          (ClassLoader)
              Class.forName("io.opentelemetry.javaagent.bootstrap.AgentInitializer", false, null)
                  .getMethod("getExtensionsClassLoader")
                  .invoke(null);
      return MethodHandles.publicLookup()
          .findStatic(
              Class.forName(type, true, extension),
              name,
              MethodType.methodType(result, parameters));
    } catch (ReflectiveOperationException | LinkageError e) {
      return null;
    }
  }
}
