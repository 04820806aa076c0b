package lapalma.dice;

import io.undertow.server.ExchangeCompletionListener;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Counts the requests in flight, so that a stop can wait for them.
 *
 * <p>Undertow's own {@code GracefulShutdownHandler} refuses new requests from the first moment.
 * Here they are still answered while a balancer learns from {@code /health} to send them elsewhere.
 */
final class RequestsInFlight implements HttpHandler {
  /** No request for this long, and none in flight: the traffic has gone elsewhere. */
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final HttpHandler next;
  private final AtomicLong inFlight = new AtomicLong();
  private final ExchangeCompletionListener finished = this::finished;
  private volatile long lastFinished = System.nanoTime() - QUIET_NANOS;
  private volatile boolean draining;

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
    next.handleRequest(exchange);
  }

  private void finished(
      HttpServerExchange exchange, ExchangeCompletionListener.NextListener nextListener) {
    lastFinished = System.nanoTime();
    inFlight.decrementAndGet();
    nextListener.proceed();
  }

  void drain() {
    draining = true;
  }

  boolean draining() {
    return draining;
  }

  /** Waits, for at most {@code limit}, until the traffic has ended. */
  void awaitQuiet(Duration limit) {
    await(limit, () -> inFlight.get() == 0 && System.nanoTime() - lastFinished >= QUIET_NANOS);
  }

  /**
   * Waits, for at most {@code limit}, until no request is in flight; returns how many still are.
   */
  long awaitNone(Duration limit) {
    await(limit, () -> inFlight.get() == 0);
    return inFlight.get();
  }

  private static void await(Duration limit, BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
