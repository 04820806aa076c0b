package lapalma.compare.stats;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Estimates the smallest increase that a run like this one would call a difference in four of five
 * cases.
 *
 * <p>It simulates such runs: it takes the observed rounds without the observed difference, draws as
 * many of them with replacement, multiplies the variant's values by an increase, and asks both
 * questions of {@link Comparison#verdict()}: does the interval leave out 1, and does the
 * Mann-Whitney test, at the level that Holm's correction leaves to the first of all comparisons,
 * reject? The correction leaves more to the others, so the estimate is on the safe side.
 */
final class Power {
  static final double WANTED = 0.8;

  private static final int RUNS = 400;
  private static final double LARGEST = Math.log(100);
  private static final int HALVINGS = 16;
  private static final long SEED = 20260102;

  private final double[] values;
  private final double[] baseline;
  private final double critical;
  private final double leastRank;
  private final int[][] draws;

  private Power(double[] values, double[] baseline, double critical, double leastRank) {
    this.values = values;
    this.baseline = baseline;
    this.critical = critical;
    this.leastRank = leastRank;
    var random = new Random(SEED);
    int n = values.length;
    this.draws = new int[RUNS][n];
    for (int[] draw : draws) {
      Arrays.setAll(draw, any -> random.nextInt(n));
    }
  }

  /**
   * Returns the increase as a factor, such as 1.05 for 5 %.
   *
   * @param values of the variant, one for each round
   * @param baseline of the same rounds, in the same order
   * @param interval of their ratio
   * @param level of the test, from 0 to 1
   * @return empty where so few rounds can show no difference at this level, however large
   */
  static OptionalDouble detectable(
      double[] values, double[] baseline, Bootstrap.Interval interval, double level) {
    int n = values.length;
    double leastRank = leastRank(n, level);
    if (leastRank > (double) n * n) {
      return OptionalDouble.empty();
    }
    double mean = Math.log(interval.estimate());
    double[] own = Arrays.stream(values).map(value -> Math.log(value) - mean).toArray();
    double[] other = Arrays.stream(baseline).map(Math::log).toArray();
    double error = standardError(own, other);
    // As many standard errors as the interval of the observed rounds reaches down.
    double critical = error > 0 ? (mean - Math.log(interval.low())) / error : 0;
    return new Power(widened(own), widened(other), critical, leastRank).smallest();
  }

  /** Draws from a sample vary less than it did; this makes up for it. */
  private static double[] widened(double[] logs) {
    double mean = Arrays.stream(logs).average().orElseThrow();
    double factor = Math.sqrt((double) logs.length / (logs.length - 1));
    return Arrays.stream(logs).map(log -> mean + factor * (log - mean)).toArray();
  }

  private static double standardError(double[] own, double[] other) {
    int n = own.length;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      double difference = own[i] - other[i];
      sum += difference;
      squares += difference * difference;
    }
    return Math.sqrt(Math.max(0, squares - sum * sum / n) / (n - 1) / n);
  }

  private OptionalDouble smallest() {
    double low = 0;
    double high = LARGEST;
    if (power(high) < WANTED) {
      return OptionalDouble.empty();
    }
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (power(middle) < WANTED) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return OptionalDouble.of(Math.exp(high));
  }

  /** Returns the share of the simulated runs that find an increase, given as its logarithm. */
  private double power(double increase) {
    return Arrays.stream(draws).filter(draw -> finds(draw, increase)).count() / (double) RUNS;
  }

  private boolean finds(int[] draw, double increase) {
    int n = draw.length;
    double[] own = Arrays.stream(draw).mapToDouble(i -> values[i] + increase).toArray();
    double[] other = Arrays.stream(draw).mapToDouble(i -> baseline[i]).toArray();
    double mean = 0;
    double rank = 0;
    for (int i = 0; i < n; i++) {
      mean += (own[i] - other[i]) / n;
      for (int j = 0; j < n; j++) {
        rank += own[i] > other[j] ? 1 : own[i] == other[j] ? 0.5 : 0;
      }
    }
    return mean - critical * standardError(own, other) > 0 && rank >= leastRank;
  }

  /**
   * Returns the least number of pairs, of all n times n, in which one sample must be the larger, so
   * that the Mann-Whitney test rejects; more than n times n where it never does.
   */
  private static double leastRank(int n, double level) {
    double[] shares = ranks(n);
    double tail = 0;
    int rank = n * n;
    while (rank >= 0 && 2 * (tail + shares[rank]) < level) {
      tail += shares[rank];
      rank--;
    }
    return rank + 1.0;
  }

  /** Returns the probability of each number of pairs where the samples do not differ. */
  private static double[] ranks(int n) {
    double[] ways = MannWhitney.ways(IntStream.rangeClosed(1, 2 * n).toArray(), n);
    double all = Arrays.stream(ways).sum();
    int leastSum = n * (n + 1) / 2;
    return IntStream.rangeClosed(0, n * n)
        .mapToDouble(rank -> ways[leastSum + rank] / all)
        .toArray();
  }
}
