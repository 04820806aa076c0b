package lapalma.dice;

import io.undertow.server.ExchangeCompletionListener;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the requests in flight, so that a stop can wait for them.
 *
 * <p>Undertow's own {@code GracefulShutdownHandler} refuses new requests from the first moment.
 * Here they are still answered while a balancer learns from {@code /health} to send them elsewhere.
 */
final class RequestsInFlight implements HttpHandler {
  /** The server is quiet if no request is in flight and none has ended for this long. */
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** The port is closed in the second half of this time. */
  private static final long HOLD_MILLIS = 400;

  private final HttpHandler next;
  private final AtomicLong inFlight = new AtomicLong();
  private final ExchangeCompletionListener finished = this::finished;
  private volatile long lastFinished = System.nanoTime() - QUIET_NANOS;
  private volatile boolean draining;
  private volatile boolean holding;

  RequestsInFlight(HttpHandler next) {
    this.next = next;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Exception {
    inFlight.incrementAndGet();
    exchange.addExchangeCompleteListener(finished);
    if (draining) {
      exchange.setPersistent(false); // Connection: close
    }
    if (holding) {
      exchange.dispatch(
          task -> exchange.getIoThread().executeAfter(task, HOLD_MILLIS, TimeUnit.MILLISECONDS),
          next);
    } else {
      next.handleRequest(exchange);
    }
  }

  private void finished(
      HttpServerExchange exchange, ExchangeCompletionListener.NextListener nextListener) {
    lastFinished = System.nanoTime();
    inFlight.decrementAndGet();
    nextListener.proceed();
  }

  /** From now on each connection is closed after its next answer; returns after {@code time}. */
  void drain(Duration time) {
    draining = true;
    pause(time.toMillis());
  }

  boolean draining() {
    return draining;
  }

  long count() {
    return inFlight.get();
  }

  /**
   * Delays each new request by {@link #HOLD_MILLIS}, and returns after half of that time.
   *
   * <p>Closing the port resets connections that are not accepted yet. While its request is delayed,
   * a client that sends one request after the other has no such connection.
   */
  void hold() {
    holding = true;
    pause(HOLD_MILLIS / 2);
  }

  /** Waits up to {@code limit} for the server to be {@link #quiet}; returns whether it is. */
  boolean awaitQuiet(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!quiet() && System.nanoTime() < deadline && pause(10)) {
      // Polls: what is waited for is the absence of an event.
    }
    return quiet();
  }

  /** Whether no request is in flight and none has ended for half a second. */
  boolean quiet() {
    return inFlight.get() == 0 && System.nanoTime() - lastFinished >= QUIET_NANOS;
  }

  private static boolean pause(long millis) {
    try {
      Thread.sleep(millis);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
