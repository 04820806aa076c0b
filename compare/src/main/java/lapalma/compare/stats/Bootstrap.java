package lapalma.compare.stats;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;

/**
 * Estimates how many times larger one variant's values are than another's, and by how much, with an
 * interval.
 *
 * <p>The ratio is taken within each round, which cancels what changes on the machine from round to
 * round. The estimate is the geometric mean of the rounds' ratios. The interval is that of the
 * studentized bootstrap on their logarithms: with ten rounds the plain percentile bootstrap gives
 * intervals that are too short.
 */
public final class Bootstrap {
  static final double CONFIDENCE = 0.95;

  /** With fewer rounds, some resamples hardly vary, and the interval says nothing. */
  public static final int LEAST_ROUNDS = 6;

  private static final int RESAMPLES = 10_000;

  /** The largest error that rounding gives to equal values. */
  private static final double NOTHING = 1e-12;

  /** A fixed seed, so that reports of the same results are the same. */
  private static final long SEED = 20260101;

  public record Interval(double estimate, double low, double high) {
    public boolean contains(double value) {
      return low <= value && value <= high;
    }
  }

  private Bootstrap() {}

  /**
   * Estimates the ratio.
   *
   * @param values one for each round
   * @param baseline of the same rounds, in the same order
   * @return empty where there are fewer than {@value #LEAST_ROUNDS} rounds, or a value has no ratio
   */
  static Optional<Interval> ratio(double[] values, double[] baseline) {
    int n = values.length;
    if (!haveRatio(values, baseline)) {
      return Optional.empty();
    }
    double[] logs = new double[n];
    for (int i = 0; i < n; i++) {
      logs[i] = Math.log(values[i] / baseline[i]);
    }
    Interval interval = ofMean(logs);
    return Optional.of(
        new Interval(
            Math.exp(interval.estimate()), Math.exp(interval.low()), Math.exp(interval.high())));
  }

  /** Returns whether {@link #ratio} estimates one. */
  static boolean haveRatio(double[] values, double[] baseline) {
    return values.length >= LEAST_ROUNDS && positive(values) && positive(baseline);
  }

  /**
   * Estimates the difference, in the unit of the values.
   *
   * @return empty where there are fewer than {@value #LEAST_ROUNDS} rounds
   */
  static Optional<Interval> difference(double[] values, double[] baseline) {
    double[] differences = new double[values.length];
    Arrays.setAll(differences, i -> values[i] - baseline[i]);
    return values.length < LEAST_ROUNDS ? Optional.empty() : Optional.of(ofMean(differences));
  }

  private static Interval ofMean(double[] values) {
    double mean = mean(values);
    double error = standardError(values, mean);
    if (error < NOTHING) {
      return new Interval(mean, mean, mean);
    }
    double[] t = studentized(values, mean);
    double tail = (1 - CONFIDENCE) / 2;
    return new Interval(
        mean, mean - quantile(t, 1 - tail) * error, mean - quantile(t, tail) * error);
  }

  private static double[] studentized(double[] values, double mean) {
    var random = new Random(SEED);
    double[] t = new double[RESAMPLES];
    double[] sample = new double[values.length];
    int filled = 0;
    while (filled < RESAMPLES) {
      for (int i = 0; i < sample.length; i++) {
        sample[i] = values[random.nextInt(values.length)];
      }
      double sampleMean = mean(sample);
      double error = standardError(sample, sampleMean);
      if (error >= NOTHING) { // not one value drawn over and over
        t[filled++] = (sampleMean - mean) / error;
      }
    }
    Arrays.sort(t);
    return t;
  }

  private static boolean positive(double[] values) {
    return Arrays.stream(values).allMatch(value -> value > 0);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static double standardError(double[] values, double mean) {
    double squares = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
    return Math.sqrt(squares / (values.length - 1) / values.length);
  }

  private static double quantile(double[] sorted, double quantile) {
    return sorted[(int) Math.min(sorted.length - 1L, Math.round(quantile * sorted.length))];
  }
}
