package lapalma.agent.sampling;

import io.opentelemetry.sdk.trace.IdGenerator;

/**
 * Random IDs, unless the thread has set those of the span that it is about to start.
 *
 * <p>A request is dropped or not by bits of its trace ID, before it has a span. If it is not
 * dropped, the SDK must use the same ID, or the request would have to win twice. A request that is
 * kept after its end must have the IDs that its log lines have.
 */
final class PresetIds implements IdGenerator {
  private static final IdGenerator RANDOM = IdGenerator.random();
  private static final ThreadLocal<Ids> PRESET = new ThreadLocal<>();
  private static volatile boolean used;

  /** The span ID is null if it is to be random. */
  private record Ids(String traceId, String spanId) {}

  PresetIds() {
    used = true;
  }

  /** Returns whether the configuration names this generator. */
  static boolean areUsed() {
    return used;
  }

  static void set(String traceId, String spanId) {
    PRESET.set(new Ids(traceId, spanId));
  }

  static void clear() {
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
