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
final class Chunks {
  /** In bytes, as {@link DataSize} estimates them. A single item that is larger goes alone. */
  static final long MOST_BYTES = 3 << 20;

  private Chunks() {}

  /** Exports a batch in as few parts as possible, one after the other. */
  static <T> CompletableResultCode export(
      Collection<T> batch,
      ToLongFunction<T> sizeOf,
      Function<Collection<T>, CompletableResultCode> export) {
    List<CompletableResultCode> parts = new ArrayList<>();
    List<T> part = new ArrayList<>(batch.size());
    long bytes = 0;
    for (T item : batch) {
      long size = sizeOf.applyAsLong(item);
      if (bytes + size > MOST_BYTES && !part.isEmpty()) {
        parts.add(export.apply(part));
        part = new ArrayList<>();
        bytes = 0;
      }
      part.add(item);
      bytes += size;
    }
    parts.add(export.apply(part));
    return parts.size() == 1 ? parts.get(0) : CompletableResultCode.ofAll(parts);
  }
}
