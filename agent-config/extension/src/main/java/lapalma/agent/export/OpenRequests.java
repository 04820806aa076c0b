package lapalma.agent.export;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * The requests that are being answered. At exit, the export waits for them: the JVM runs its
 * shutdown hooks at the same time, and an app that stops its server in one of them still answers.
 */
public final class OpenRequests {
  /** How long the export waits while no request ends: open ones may be streams without an end. */
  static final Duration PATIENCE = Duration.ofSeconds(3);

  /** How long it waits in all. */
  static final Duration LIMIT = Duration.ofSeconds(30);

  private static final long POLL_NANOS = Duration.ofMillis(5).toNanos();

  private static final List<LongSupplier> counts = new CopyOnWriteArrayList<>();

  private OpenRequests() {}

  /**
   * Adds a count of open requests.
   *
   * <p>Helpers in the app's class loader call this through a method handle.
   */
  public static void countedBy(LongSupplier count) {
    counts.add(count);
  }

  static void awaitTheirEnd() {
    long began = System.nanoTime();
    long lastProgress = began;
    long before = open();
    while (before > 0) {
      long now = System.nanoTime();
      if (now - lastProgress > PATIENCE.toNanos() || now - began > LIMIT.toNanos()) {
        return;
      }
      LockSupport.parkNanos(POLL_NANOS);
      long open = open();
      if (open < before) {
        lastProgress = now;
      }
      before = open;
    }
  }

  private static long open() {
    long sum = 0;
    for (LongSupplier count : counts) {
      sum += count.getAsLong();
    }
    return sum;
  }
}
