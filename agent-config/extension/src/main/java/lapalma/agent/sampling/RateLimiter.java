package lapalma.agent.sampling;

import java.util.function.LongSupplier;

/** Limits the spans of each second. A burst may use the limit of one second at once. */
final class RateLimiter {
  private static final double NANOS_PER_SECOND = 1e9;

  private final int perSecond;
  private final LongSupplier nanoClock;
  private double balance;
  private long last;

  RateLimiter(int perSecond, LongSupplier nanoClock) {
    this.perSecond = perSecond;
    this.nanoClock = nanoClock;
    this.balance = perSecond;
    this.last = nanoClock.getAsLong();
  }

  synchronized boolean tryAcquire() {
    long now = nanoClock.getAsLong();
    balance = Math.min(perSecond, balance + (now - last) / NANOS_PER_SECOND * perSecond);
    last = now;
    if (balance < 1) {
      return false;
    }
    balance--;
    return true;
  }
}
