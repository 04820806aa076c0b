package lapalma.compare.stats;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.apache.commons.statistics.inference.MannWhitneyUTest;

/**
 * The two-sided Mann-Whitney test of two samples of the same size.
 *
 * <p>Commons Statistics gives the exact p only where no two values are equal. Otherwise it
 * approximates, and for 8 values against 8 returns no p below 0.0007: after Holm's correction for a
 * hundred comparisons, no difference would be significant, however large. For small samples with
 * equal values, this class computes the exact p: the share of all divisions of the values into two
 * samples whose rank sums differ at least as much.
 */
final class MannWhitney {
  /** The largest sample whose ways are counted: Commons Statistics has the same limit. */
  private static final int SMALL = 50;

  private MannWhitney() {}

  /** Returns p, above 0 and at most 1. */
  static double probability(double[] x, double[] y) {
    double[] all = DoubleStream.concat(Arrays.stream(x), Arrays.stream(y)).sorted().toArray();
    boolean distinct = Arrays.stream(all).distinct().count() == all.length;
    if (!distinct && x.length <= SMALL) {
      return counted(x, all);
    }
    double p = MannWhitneyUTest.withDefaults().test(x, y).getPValue();
    return Double.isNaN(p) ? 1 : p; // every value is the same
  }

  private static double counted(double[] x, double[] all) {
    int[] ranks = doubledRanks(all);
    int[] own =
        Arrays.stream(x).mapToInt(value -> ranks[Arrays.binarySearch(all, value)]).toArray();
    int observed = Arrays.stream(own).sum();
    // The samples have the same size, so each has half of the sum on average.
    int expected = Arrays.stream(ranks).sum() / 2;
    double[] ways = ways(ranks, x.length);
    double extreme = 0;
    for (int sum = 0; sum < ways.length; sum++) {
      if (Math.abs(sum - expected) >= Math.abs(observed - expected)) {
        extreme += ways[sum];
      }
    }
    return extreme / Arrays.stream(ways).sum();
  }

  /** Returns twice the rank of each value; equal values share the mean of their ranks. */
  private static int[] doubledRanks(double[] sorted) {
    int[] ranks = new int[sorted.length];
    for (int from = 0, to; from < sorted.length; from = to) {
      to = from + 1;
      while (to < sorted.length && sorted[to] == sorted[from]) {
        to++;
      }
      Arrays.fill(ranks, from, to, from + to + 1);
    }
    return ranks;
  }

  /** Returns, for each sum, in how many ways so many of the ranks have it. */
  static double[] ways(int[] ranks, int chosen) {
    double[][] ways = new double[chosen + 1][Arrays.stream(ranks).sum() + 1];
    ways[0][0] = 1;
    for (int rank : ranks) {
      for (int count = chosen; count > 0; count--) {
        for (int sum = rank; sum < ways[count].length; sum++) {
          ways[count][sum] += ways[count - 1][sum - rank];
        }
      }
    }
    return ways[chosen];
  }
}
