package lapalma.agent.exit;

import io.opentelemetry.sdk.common.CompletableResultCode;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Lets the JVM exit although the backend of one exporter is away.
 *
 * <p>While the app runs, a failed export is retried for several seconds, so that a short outage of
 * the backend loses nothing. At exit, the same retries would delay the JVM by 8 s or more, because
 * the SDK waits for one batch after the other. Therefore everything that is not delivered {@link
 * #GRACE} after the exit has begun is given up.
 */
final class ExitBound {
  /** Enough for the whole queue if the backend answers, and short if it does not. */
  static final Duration GRACE = Duration.ofMillis(1500);

  private final Object lock = new Object();
  // The batch processor sends one batch at a time.
  private CompletableResultCode pending = CompletableResultCode.ofSuccess();
  private boolean givenUp;

  /** Returns a bound whose grace period starts when the JVM begins to exit. */
  static ExitBound atExit() {
    var bound = new ExitBound();
    Runtime.getRuntime().addShutdownHook(new Thread(bound::startGrace, "otlp-exit-hook"));
    return bound;
  }

  // The hook itself returns at once: an exit without a backlog must not wait until the grace ends.
  private void startGrace() {
    var timer =
        new Thread(
            () -> {
              try {
                Thread.sleep(GRACE.toMillis());
                giveUp();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "otlp-exit-bound");
    timer.setDaemon(true);
    timer.start();
  }

  /** Fails the export in progress and every later one. */
  void giveUp() {
    CompletableResultCode inProgress;
    synchronized (lock) {
      givenUp = true;
      inProgress = pending;
    }
    inProgress.fail();
  }

  /** Returns the outcome of {@code send}, or a failure once this gives up. */
  CompletableResultCode export(Supplier<CompletableResultCode> send) {
    var outcome = new CompletableResultCode();
    synchronized (lock) {
      if (givenUp) {
        return CompletableResultCode.ofFailure();
      }
      pending = outcome;
    }
    CompletableResultCode sent = send.get();
    sent.whenComplete(
        () -> {
          if (sent.isSuccess()) {
            outcome.succeed();
          } else {
            outcome.fail();
          }
        });
    return outcome;
  }

  /** Returns {@code closed}, or success at once if exports have been given up. */
  CompletableResultCode shutdown(CompletableResultCode closed) {
    synchronized (lock) {
      return givenUp ? CompletableResultCode.ofSuccess() : closed;
    }
  }
}
