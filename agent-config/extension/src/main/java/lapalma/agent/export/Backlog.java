package lapalma.agent.export;

import static io.opentelemetry.api.common.AttributeKey.stringKey;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.sdk.common.CompletableResultCode;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What one signal holds until it is delivered: bounded in items and in bytes while the app runs,
 * and in time when the JVM exits.
 *
 * <p>What does not fit is dropped as it comes, so that the oldest items stay: they tell how an
 * outage began. Each is counted in {@code otel.sdk.processor.<signal>.processed} with the error
 * type {@code queue_full}, as the SDK's own batch processor counts it.
 */
final class Backlog {
  /** Enough for a whole queue if the receiver answers, and short if it does not. */
  static final Duration GRACE = Duration.ofMillis(1500);

  private static final Logger log = Logger.getLogger(Backlog.class.getName());

  /** How a signal names its items in metrics and in sentences. */
  enum Signal {
    SPANS("span"),
    LOG_RECORDS("log");

    final String name;

    Signal(String name) {
      this.name = name;
    }
  }

  private final Signal signal;
  private final int mostItems;
  private final long mostBytes;
  private final Supplier<MeterProvider> meters;

  private final Object lock = new Object();
  private int items;
  private long bytes;
  private int exporting; // the items of pending
  // The batch processor exports one batch at a time.
  private CompletableResultCode pending = CompletableResultCode.ofSuccess();
  private boolean givenUp;
  private int lost;
  private long dropped; // since the queue was full for the first time
  private @Nullable LongCounter processed; // null until the first item is dropped
  private @Nullable Attributes full;

  /**
   * Makes a backlog.
   *
   * @param mostItems how many items may wait, those of the batch in flight included
   * @param mostBytes how much memory they may take, as {@link DataSize} estimates it
   * @param meters counts what is dropped; not used before
   */
  Backlog(Signal signal, int mostItems, long mostBytes, Supplier<MeterProvider> meters) {
    this.signal = signal;
    this.mostItems = mostItems;
    this.mostBytes = mostBytes;
    this.meters = meters;
  }

  /** Returns whether an item of a size fits. If not, it is counted as dropped. */
  boolean admit(long size) {
    boolean first;
    synchronized (lock) {
      if (items < mostItems && bytes + size <= mostBytes) {
        items++;
        bytes += size;
        return true;
      }
      first = dropped++ == 0;
      if (processed == null) {
        processed =
            meters
                .get()
                .get("lapalma.agent.export")
                .counterBuilder("otel.sdk.processor." + signal.name + ".processed")
                .setUnit("{" + signal.name + "}")
                .setDescription(
                    "The number of items for which the processing has finished, either successful"
                        + " or failed.")
                .build();
        full =
            Attributes.of(
                stringKey("otel.component.type"), "bounded_batch",
                stringKey("error.type"), "queue_full");
      }
    }
    processed.add(1, full);
    if (first) {
      log.log(
          Level.WARNING,
          "The queue of {0}s is full. Further ones are dropped and counted until it has room.",
          signal.name);
    }
    return false;
  }

  /**
   * Returns the outcome of {@code send}, or a failure once this gives up. The items leave the
   * backlog with it.
   *
   * @param count of the items that are sent
   * @param size of all of them
   */
  CompletableResultCode export(int count, long size, Supplier<CompletableResultCode> send) {
    var outcome = new CompletableResultCode();
    boolean refused;
    synchronized (lock) {
      refused = givenUp;
      if (refused) {
        lost += count;
      } else {
        pending = outcome;
        exporting = count;
      }
    }
    outcome.whenComplete(() -> remove(count, size));
    if (refused) {
      return outcome.fail();
    }
    CompletableResultCode sent;
    try {
      sent = send.get();
    } catch (Throwable e) {
      outcome.fail();
      throw e;
    }
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

  private void remove(int count, long size) {
    long droppedMeanwhile = 0;
    synchronized (lock) {
      items -= count;
      bytes -= size;
      // One pair of lines for each time of too much, although the queue is often full in it.
      if (items == 0) {
        droppedMeanwhile = dropped;
        dropped = 0;
      }
    }
    if (droppedMeanwhile > 0) {
      log.log(
          Level.INFO,
          "The queue of {0}s has room again. {1} were dropped.",
          new Object[] {signal.name, droppedMeanwhile});
    }
  }

  /**
   * Closes the batch processor, which first exports what waits. What is not delivered {@link
   * #GRACE} later is given up: the SDK would wait for one batch after the other.
   */
  CompletableResultCode close(Supplier<CompletableResultCode> processor) {
    var closed = new CountDownLatch(1);
    var timer =
        new Thread(
            () -> {
              try {
                if (!closed.await(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                  giveUp();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "otlp-exit-bound");
    timer.setDaemon(true);
    timer.start();
    CompletableResultCode result = processor.get();
    result.whenComplete(
        () -> {
          closed.countDown();
          tellLost();
        });
    return result;
  }

  /** Fails the export in progress and every later one. */
  void giveUp() {
    CompletableResultCode inProgress;
    synchronized (lock) {
      givenUp = true;
      inProgress = pending;
      lost += inProgress.isDone() ? 0 : exporting;
    }
    inProgress.fail();
  }

  private void tellLost() {
    synchronized (lock) {
      if (lost > 0) {
        log.log(
            Level.WARNING,
            "{0} {1}s were not delivered within {2} ms of the exit, and are lost.",
            new Object[] {lost, signal.name, GRACE.toMillis()});
      }
    }
  }
}
