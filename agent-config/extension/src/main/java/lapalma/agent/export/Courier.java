package lapalma.agent.export;

import io.opentelemetry.api.impl.InstrumentationUtil;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.RetryPolicy;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Delivers messages to one receiver, one after the other, on a thread of its own. It tries a
 * message until the receiver accepts it or refuses it for good, or until the courier is closed.
 *
 * <p>The SDK's own retries end after 5 attempts, in about 8 s, and the message is then lost. Here
 * it waits, as does everything behind it, in a queue that {@link Backlog} bounds.
 */
final class Courier {
  /** Many receivers ask for less. A longer wait would delay the recovery more than it protects. */
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(1);

  /**
   * By which a wait is made shorter or longer at random, so that many JVMs do not return at once.
   */
  private static final double JITTER = 0.2;

  private static final Logger log = Logger.getLogger(Courier.class.getName());

  /** One attempt to deliver a message. */
  interface Attempt<R> {
    /**
     * Sends the message and waits for the answer.
     *
     * @throws IOException if there is no answer; it may be tried again
     */
    Answer<R> send() throws IOException;
  }

  /**
   * An answer of the receiver.
   *
   * @param status as the receiver names it, for the log
   * @param retryable whether the receiver may accept the same message later
   * @param retryAfter how long it asks to wait; zero if it does not say
   */
  record Answer<R>(R response, String status, boolean retryable, Duration retryAfter) {}

  private final String receiver;
  private final @Nullable RetryPolicy policy; // null: one attempt
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ThreadPoolExecutor thread;

  /**
   * Makes a courier.
   *
   * @param receiver its address; only the part without secrets is logged
   * @param policy the waits between attempts; it does not limit their number. Null for no retries
   */
  Courier(URI receiver, @Nullable RetryPolicy policy) {
    this.receiver = withoutSecrets(receiver);
    this.policy = policy;
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.MINUTES,
            new LinkedBlockingQueue<>(),
            task -> {
              var made = new Thread(task, "otlp-courier");
              made.setDaemon(true);
              return made;
            });
    thread.allowCoreThreadTimeOut(true);
  }

  /** Returns an address without a password or a query. */
  static String withoutSecrets(URI receiver) {
    return receiver.getScheme()
        + "://"
        + receiver.getHost()
        + (receiver.getPort() < 0 ? "" : ":" + receiver.getPort())
        + receiver.getPath();
  }

  /** Takes a message. Exactly one of the consumers is called, once, on the courier's thread. */
  <R> void deliver(Attempt<R> message, Consumer<R> onResponse, Consumer<Throwable> onError) {
    try {
      thread.execute(
          () -> {
            // Instrumentations of HTTP clients must not trace the export of traces.
            InstrumentationUtil.suppressInstrumentation(
                () -> {
                  R response;
                  try {
                    response = persist(message);
                  } catch (Throwable e) {
                    // Also an Error: the batch processor waits for an outcome without a limit.
                    onError.accept(e);
                    return;
                  }
                  onResponse.accept(response);
                });
          });
    } catch (RejectedExecutionException e) {
      onError.accept(e);
    }
  }

  private <R> R persist(Attempt<R> message) throws IOException {
    long began = System.nanoTime();
    boolean told = false;
    for (int failures = 0; closed.getCount() > 0; failures++) {
      Answer<R> answer = null;
      IOException failure = null;
      try {
        answer = message.send();
      } catch (IOException e) {
        failure = e;
      }
      if (answer != null && !answer.retryable) {
        if (told) {
          log.log(
              Level.INFO,
              "{0} answers again, after {1} s.",
              new Object[] {receiver, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began)});
        }
        return answer.response;
      }
      if (policy == null) {
        return orThrow(answer, failure);
      }
      if (failures == 0 && failure != null) {
        continue; // perhaps the receiver has only closed a connection that it did not need
      }
      if (!told) {
        // A receiver that is away is no fault of the app or of its configuration.
        log.log(
            failure == null ? Level.WARNING : Level.INFO,
            "{0} accepts no telemetry: {1}. The agent tries until it does, and keeps what fits its"
                + " queue.",
            new Object[] {receiver, answer == null ? failure : answer.status});
        told = true;
      }
      if (!pause(policy, failures, answer)) {
        return orThrow(answer, failure);
      }
    }
    throw new IOException("the exporter was closed before this message was sent");
  }

  private static <R> R orThrow(@Nullable Answer<R> answer, @Nullable IOException failure)
      throws IOException {
    if (answer == null) {
      throw Objects.requireNonNull(failure);
    }
    return answer.response;
  }

  /** Waits before the next attempt. Returns false if the courier is closed. */
  private boolean pause(RetryPolicy policy, int failures, @Nullable Answer<?> answer) {
    double backoff =
        Math.min(
            (double) policy.getMaxBackoff().toNanos(),
            policy.getInitialBackoff().toNanos()
                * Math.pow(policy.getBackoffMultiplier(), Math.max(0, failures - 1)));
    double nanos = backoff * (1 + JITTER * (2 * ThreadLocalRandom.current().nextDouble() - 1));
    if (answer != null) {
      nanos =
          Math.max(
              nanos, (double) Math.min(answer.retryAfter.toNanos(), LONGEST_RETRY_AFTER.toNanos()));
    }
    try {
      return !closed.await((long) nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  /** Gives up the message in progress after its current attempt, and all that wait. */
  CompletableResultCode close() {
    closed.countDown();
    thread.shutdown();
    return CompletableResultCode.ofSuccess();
  }
}
