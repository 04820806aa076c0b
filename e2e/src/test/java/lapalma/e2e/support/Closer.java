package lapalma.e2e.support;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Closes what a test has started, the newest first. As a field with {@code @AutoClose}, it also
 * closes the parts after a failed set-up. JUnit then reports only the failure of the set-up.
 */
public final class Closer implements AutoCloseable {
  private final Deque<AutoCloseable> registered = new ArrayDeque<>();

  public <T extends AutoCloseable> T register(T started) {
    registered.push(started);
    return started;
  }

  /** Closes everything, even if one part fails to close. */
  @Override
  public void close() {
    RuntimeException failure = null;
    while (!registered.isEmpty()) {
      try {
        registered.pop().close();
      } catch (Exception e) {
        if (failure == null) {
          failure = e instanceof RuntimeException same ? same : new IllegalStateException(e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
