package lapalma.agent.server;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Decides about a request without a caller before a span is made for it. Most are dropped, and a
 * span that the SDK drops costs nearly as much as one that it keeps.
 *
 * <p>OpenTelemetry compares 56 random bits with a threshold. They are drawn here, once. If the
 * request is not dropped, the SDK's sampler gets the same bits and decides by them.
 */
public final class RootDecision {
  private static final long RANDOM_BITS = (1L << 56) - 1;

  private static final MethodHandle DROPS_BELOW =
      find("dropsBelow", long.class, String.class, String.class, String.class);
  private static final MethodHandle PARENT_WITH = find("parentWith", Context.class, long.class);

  private RootDecision() {}

  /**
   * Returns the bound for the random bits: with bits below it, the request is dropped. The bound is
   * 0 if only the SDK can decide.
   */
  static long dropsBelow(String spanName, String method, String path) throws Throwable {
    return DROPS_BELOW == null ? 0 : (long) DROPS_BELOW.invokeExact(spanName, method, path);
  }

  static long randomBits() {
    return ThreadLocalRandom.current().nextLong() & RANDOM_BITS;
  }

  /** Returns the span of a request that is dropped. The bits are the last 56 of its trace id. */
  static Span dropped(long bits) {
    var random = ThreadLocalRandom.current();
    long high = random.nextLong();
    long span;
    do {
      span = random.nextLong();
    } while (span == 0);
    return Span.wrap(new UnsampledSpanContext(high, random.nextLong() & ~RANDOM_BITS | bits, span));
  }

  /** Returns the parent of a request that is not dropped. */
  static Context parentWith(long bits) throws Throwable {
    return (Context) PARENT_WITH.invokeExact(bits);
  }

  /** Finds a method of the sampler: the app's class loader does not see its class. */
  private static MethodHandle find(String name, Class<?> result, Class<?>... parameters) {
    try {
      ClassLoader extension =
          (ClassLoader)
              Class.forName("io.opentelemetry.javaagent.bootstrap.AgentInitializer", false, null)
                  .getMethod("getExtensionsClassLoader")
                  .invoke(null);
      return MethodHandles.publicLookup()
          .findStatic(
              Class.forName("lapalma.agent.sampling.EarlyDecision", true, extension),
              name,
              MethodType.methodType(result, parameters));
    } catch (ReflectiveOperationException | LinkageError e) {
      return null; // an agent that keeps its extensions elsewhere
    }
  }
}
