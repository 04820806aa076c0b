package lapalma.agent.sampling;

import java.util.function.LongSupplier;

/**
 * Lets a number of spans through in each second, which may be below one. A burst may use the number
 * of one second at once, and at least one.
 */
final class RateLimiter {
  private static final double NANOS_PER_SECOND = 1e9;

  private final double perSecond;
  private final double burst;
  private final LongSupplier nanoClock;
  private double balance;
  private long last;

  RateLimiter(double perSecond, LongSupplier nanoClock) {
    this.perSecond = perSecond;
    this.burst = perSecond == 0 ? 0 : Math.max(1, perSecond);
    this.nanoClock = nanoClock;
    this.balance = burst;
    this.last = nanoClock.getAsLong();
  }

  /** Returns whether the next span would be let through now. */
  synchronized boolean isReady() {
    long now = nanoClock.getAsLong();
    balance = Math.min(burst, balance + (now - last) / NANOS_PER_SECOND * perSecond);
    last = now;
    return balance >= 1;
  }

  synchronized boolean tryAcquire() {
    if (!isReady()) {
      return false;
    }
    balance--;
    return true;
  }
}
