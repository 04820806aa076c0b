package lapalma.compare.load;

import java.util.Arrays;
import java.util.List;
import lapalma.compare.LabException;
import lapalma.compare.load.OpenLoad.Hit;

/** Latencies of requests that were sent at a fixed rate. */
public final class Latencies {
  private final long[] sortedNanos;
  private final long[] sortedDelays;
  private final double achievedRate;

  private Latencies(long[] nanos, long[] delays, double achievedRate) {
    this.sortedNanos = nanos;
    this.sortedDelays = delays;
    this.achievedRate = achievedRate;
  }

  /**
   * Computes the latencies of requests.
   *
   * @param rate requests per second that the generator was to send
   */
  public static Latencies of(List<Hit> hits, int rate) {
    if (hits.size() < 2) {
      throw new LabException("The generator sent no requests.");
    }
    long[] sent = hits.stream().mapToLong(Hit::sent).sorted().toArray();
    long[] delays = new long[sent.length];
    for (int i = 0; i < delays.length; i++) {
      delays[i] = sent[i] - sent[0] - Math.round(i * 1e9 / rate);
    }
    // The most punctual request sets the schedule: the first may have been late.
    long punctual = Arrays.stream(delays).min().orElseThrow();
    return new Latencies(
        hits.stream().mapToLong(Hit::latency).sorted().toArray(),
        Arrays.stream(delays).map(delay -> delay - punctual).sorted().toArray(),
        (sent.length - 1) * 1e9 / Math.max(1, sent[sent.length - 1] - sent[0]));
  }

  /** Returns the rate at which the generator sent, in requests per second. */
  public double achievedRate() {
    return achievedRate;
  }

  /**
   * Returns the latency in milliseconds that a share of the requests does not exceed.
   *
   * @param quantile the share, from 0 to 1
   */
  public double millis(double quantile) {
    return quantile(sortedNanos, quantile) / 1e6;
  }

  /**
   * Returns how late the generator sent its requests, in milliseconds: a share of them was not
   * later. Latencies do not include this delay.
   *
   * @param quantile the share, from 0 to 1
   */
  public double delayMillis(double quantile) {
    return quantile(sortedDelays, quantile) / 1e6;
  }

  /** Returns the smallest value that is not below the given share of all values. */
  private static long quantile(long[] sorted, double quantile) {
    return sorted[(int) Math.max(0, Math.ceil(quantile * sorted.length) - 1)];
  }
}
