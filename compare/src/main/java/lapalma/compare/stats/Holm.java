package lapalma.compare.stats;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Corrects for many comparisons, some of which look different by chance: Holm's method. */
final class Holm {
  private Holm() {}

  /** Returns the adjusted probabilities, in the order of {@code probabilities}. */
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
