package lapalma.agent.server;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceId;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Decides about a request without a caller before a span is made for it, and about a dropped
 * request after its end. Most requests are dropped, and a span that the SDK drops costs nearly as
 * much as one that it keeps.
 *
 * <p>OpenTelemetry compares the last 56 bits of the trace ID with a threshold. The ID is drawn
 * here, once. If the request is not dropped, the SDK gets the same ID, and its sampler decides the
 * same.
 */
public final class RequestDecision {
  private static final String SAMPLER = "lapalma.agent.sampling.RequestSampling";
  private static final String IDS = "lapalma.agent.sampling.PresetIds";
  private static final long RANDOM_BITS = (1L << 56) - 1;

  private static final @Nullable MethodHandle DROPS_BELOW =
      ExtensionMethod.find(
          SAMPLER, "dropsBelow", long.class, String.class, String.class, String.class);
  private static final @Nullable MethodHandle REASON_TO_KEEP =
      ExtensionMethod.find(
          SAMPLER,
          "reasonToKeep",
          String.class,
          String.class,
          String.class,
          boolean.class,
          boolean.class,
          long.class);
  private static final @Nullable MethodHandle PRESET_IDS =
      ExtensionMethod.find(IDS, "set", void.class, String.class, String.class);
  private static final @Nullable MethodHandle CLEAR_IDS =
      ExtensionMethod.find(IDS, "clear", void.class);

  private RequestDecision() {}

  /**
   * Returns the span of a request that is dropped, and otherwise null. The next span of this thread
   * then has the trace ID by which this was decided, until {@link #clearIds}.
   */
  static @Nullable UnsampledSpan dropOrPresetIds(String spanName, String method, String path)
      throws Throwable {
    long dropsBelow = dropsBelow(spanName, method, path);
    if (dropsBelow == 0 || PRESET_IDS == null) {
      return null; // only the SDK can decide
    }
    var random = ThreadLocalRandom.current();
    long high = random.nextLong();
    long low = random.nextLong();
    if ((low & RANDOM_BITS) < dropsBelow) {
      return UnsampledSpan.of(high, low);
    }
    PRESET_IDS.invokeExact(TraceId.fromLongs(high, low), (String) null);
    return null;
  }

  static long dropsBelow(String spanName, String method, String path) throws Throwable {
    return DROPS_BELOW == null ? 0 : (long) DROPS_BELOW.invokeExact(spanName, method, path);
  }

  /**
   * Returns why a request that was not sampled is kept, as the value of an attribute; null if it is
   * not.
   */
  static @Nullable String reasonToKeep(
      String spanName, String path, boolean failed, boolean hasCaller, long nanos)
      throws Throwable {
    return REASON_TO_KEEP == null
        ? null
        : (String) REASON_TO_KEEP.invokeExact(spanName, path, failed, hasCaller, nanos);
  }

  /** The next span of this thread is sampled and has these IDs, until {@link #clearIds}. */
  static void presetIds(SpanContext ids) throws Throwable {
    if (PRESET_IDS != null) {
      PRESET_IDS.invokeExact(ids.getTraceId(), ids.getSpanId());
    }
  }

  static void clearIds() throws Throwable {
    if (CLEAR_IDS != null) {
      CLEAR_IDS.invokeExact();
    }
  }
}
