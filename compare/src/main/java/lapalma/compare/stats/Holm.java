package lapalma.compare.stats;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Holm's correction: with many comparisons some look different by chance. */
final class Holm {
  private Holm() {}

  /** The adjusted probabilities, in the order of {@code probabilities}. */
  static double[] adjust(double[] probabilities) {
    int n = probabilities.length;
    List<Integer> order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> probabilities[i]))
            .toList();
    double[] adjusted = new double[n];
    double largest = 0;
    for (int rank = 0; rank < n; rank++) {
      int index = order.get(rank);
      largest = Math.max(largest, Math.min(1, (n - rank) * probabilities[index]));
      adjusted[index] = largest;
    }
    return adjusted;
  }
}
