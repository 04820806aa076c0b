package lapalma.compare;

import java.util.List;

/** When a warm-up is over. */
final class Steadiness {
  static final int WINDOWS = 3;
  static final double TOLERANCE = 0.05;

  private Steadiness() {}

  /**
   * Whether the CPU time per request of the last {@value #WINDOWS} windows lies within 5 % of their
   * mean: as long as the compilers work, it falls from window to window.
   */
  static boolean reached(List<Double> windows) {
    if (windows.size() < WINDOWS) {
      return false;
    }
    List<Double> last = windows.subList(windows.size() - WINDOWS, windows.size());
    var summary = last.stream().mapToDouble(Double::doubleValue).summaryStatistics();
    return summary.getMax() - summary.getMin() <= TOLERANCE * summary.getAverage();
  }
}
