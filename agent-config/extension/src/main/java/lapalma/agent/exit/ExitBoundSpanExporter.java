package lapalma.agent.exit;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.Collection;

/**
 * Lets the JVM exit although the backend is away.
 *
 * <p>While the app runs, a failed export is retried for several seconds, so that a short outage of
 * the backend loses nothing. At exit the same retries would hold the JVM for 8 s and more: the SDK
 * waits for every batch in turn. From {@link #GRACE} after the beginning of the exit, whatever is
 * not yet delivered is given up.
 */
final class ExitBoundSpanExporter implements SpanExporter {
  /** Enough for the whole queue where the backend answers, and short where it does not. */
  static final Duration GRACE = Duration.ofMillis(1500);

  private final SpanExporter delegate;
  private final Object lock = new Object();
  // The batch processor sends one batch at a time.
  private CompletableResultCode pending = CompletableResultCode.ofSuccess();
  private boolean givenUp;

  ExitBoundSpanExporter(SpanExporter delegate) {
    this.delegate = delegate;
  }

  /** Wraps {@code delegate} and starts the grace period when the JVM begins to exit. */
  static ExitBoundSpanExporter create(SpanExporter delegate) {
    var exporter = new ExitBoundSpanExporter(delegate);
    Runtime.getRuntime().addShutdownHook(new Thread(exporter::startGrace, "otlp-exit-hook"));
    return exporter;
  }

  // The hook itself returns at once: an exit without a backlog must not wait for the grace to end.
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

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    var outcome = new CompletableResultCode();
    synchronized (lock) {
      if (givenUp) {
        return CompletableResultCode.ofFailure();
      }
      pending = outcome;
    }
    CompletableResultCode sent = delegate.export(spans);
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

  @Override
  public CompletableResultCode flush() {
    return delegate.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    CompletableResultCode closed = delegate.shutdown();
    synchronized (lock) {
      return givenUp ? CompletableResultCode.ofSuccess() : closed;
    }
  }

  @Override
  public String toString() {
    return "ExitBoundSpanExporter{" + delegate + "}";
  }
}
