package lapalma.process;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for a condition by polling. */
public final class Wait {
  private static final Duration POLL = Duration.ofMillis(100);

  private Wait() {}

  /** The result of one look at the condition. */
  public sealed interface Look<T> {
    record Found<T>(T value) implements Look<T> {}

    record NotYet<T>(String seen) implements Look<T> {}
  }

  public static <T> Look<T> found(T value) {
    return new Look.Found<>(value);
  }

  public static <T> Look<T> notYet(String seen) {
    return new Look.NotYet<>(seen);
  }

  /**
   * Looks every 100 ms until a look has found something.
   *
   * @param what completes the sentence "Timed out after 30 s, waiting until …"
   * @param look one look; an exception counts as not yet, except a {@link ProcessException} and an
   *     interrupt
   * @throws ProcessException after {@code limit}, where the sentence says what was seen last, and
   *     after an interrupt
   */
  public static <T> T until(String what, Duration limit, Callable<Look<T>> look) {
    long deadline = System.nanoTime() + limit.toNanos();
    String seen;
    do {
      try {
        Look<T> result = look.call();
        if (result instanceof Look.Found<T> found) {
          return found.value();
        }
        seen = ((Look.NotYet<T>) result).seen();
      } catch (ProcessException e) {
        throw e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ProcessException("Interrupted while waiting until " + what);
      } catch (Exception e) {
        seen = e.toString();
      }
      pause();
    } while (System.nanoTime() < deadline);
    throw new ProcessException(
        "Timed out after %d s, waiting until %s; seen last: %s"
            .formatted(limit.toSeconds(), what, seen));
  }

  private static void pause() {
    try {
      Thread.sleep(POLL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ProcessException("Interrupted while waiting");
    }
  }
}
