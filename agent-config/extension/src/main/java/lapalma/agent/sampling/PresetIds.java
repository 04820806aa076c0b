package lapalma.agent.sampling;

import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.internal.ComponentProvider;
import io.opentelemetry.sdk.trace.IdGenerator;

/**
 * The ID generator {@code preset_ids} of the declarative configuration: random IDs, unless the
 * thread has set those of the span that it is about to start.
 *
 * <p>A request is dropped or not by bits of its trace ID, before it has a span. If it is not
 * dropped, the SDK must use the same ID, or the request would have to win twice. A request that is
 * kept after its end must have the IDs that its log lines have.
 *
 * <p>Helpers in the app's class loader call {@link #set} and {@link #clear} through method handles.
 */
public final class PresetIds implements ComponentProvider, IdGenerator {
  private static final IdGenerator RANDOM = IdGenerator.random();
  private static final ThreadLocal<Ids> PRESET = new ThreadLocal<>();
  private static volatile boolean used;

  /** The span ID is null if it is to be random. */
  private record Ids(String traceId, String spanId) {}

  @Override
  public Class<?> getType() {
    return IdGenerator.class;
  }

  @Override
  public String getName() {
    return "preset_ids";
  }

  @Override
  public Object create(DeclarativeConfigProperties config) {
    used = true;
    return this;
  }

  /** Returns whether the configuration names this generator. */
  static boolean areUsed() {
    return used;
  }

  /**
   * Sets the IDs of the root span that this thread starts next.
   *
   * @param spanId of a request that is kept, and that the sampler must not drop again; null for a
   *     random one
   */
  public static void set(String traceId, String spanId) {
    PRESET.set(new Ids(traceId, spanId));
  }

  /** Makes the IDs of this thread's spans random again. */
  public static void clear() {
    PRESET.set(null);
  }

  /** Returns whether the span that starts is one that is kept after its request's end. */
  static boolean areOfKeptRequest() {
    Ids preset = PRESET.get();
    return preset != null && preset.spanId != null;
  }

  @Override
  public String generateSpanId() {
    Ids preset = PRESET.get();
    return preset == null || preset.spanId == null ? RANDOM.generateSpanId() : preset.spanId;
  }

  @Override
  public String generateTraceId() {
    Ids preset = PRESET.get();
    return preset == null ? RANDOM.generateTraceId() : preset.traceId;
  }

  /** As of all IDs here: the last 56 bits of those that are set are random too. */
  @Override
  public boolean generatesRandomTraceIds() {
    return true;
  }
}
