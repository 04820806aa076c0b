package lapalma.agent.export;

import io.opentelemetry.sdk.common.CompletableResultCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Splits a batch, so that no message is larger than a receiver takes: collectors refuse more than 4
 * MiB over gRPC by default, and drop the whole message.
 */
record Chunks<T>(List<List<T>> parts, int count, long bytes) {
  /** In bytes, as {@link DataSize} estimates them. A single item that is larger goes alone. */
  static final long MOST_BYTES = 3 << 20;

  /** Splits a batch into as few parts as its order allows. */
  static <T> Chunks<T> of(Collection<T> batch, ToLongFunction<T> sizeOf) {
    List<List<T>> parts = new ArrayList<>();
    List<T> part = new ArrayList<>(batch.size());
    long all = 0;
    long bytes = 0;
    for (T item : batch) {
      long size = sizeOf.applyAsLong(item);
      if (bytes + size > MOST_BYTES && !part.isEmpty()) {
        parts.add(part);
        part = new ArrayList<>();
        bytes = 0;
      }
      part.add(item);
      bytes += size;
      all += size;
    }
    parts.add(part);
    return new Chunks<>(parts, batch.size(), all);
  }

  /** Exports one part after the other, out of a backlog. */
  CompletableResultCode export(
      Backlog backlog, Function<Collection<T>, CompletableResultCode> export) {
    return backlog.export(
        count, bytes, () -> CompletableResultCode.ofAll(parts.stream().map(export).toList()));
  }
}
