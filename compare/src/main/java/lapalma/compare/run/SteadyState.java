package lapalma.compare.run;

import java.util.List;

/** When a warm-up is over. */
final class SteadyState {
  static final int WINDOWS = 3;
  static final double MOST_COMPILING = 0.02;

  private SteadyState() {}

  /**
   * Whether the JVM's compilers have had less than 2 % of the process's CPU time in each of the
   * last {@value #WINDOWS} windows: what a request takes falls for as long as they have work, and
   * may stand still for some seconds while they are at one large method.
   *
   * @param compiling their share in each window, from 0 to 1
   */
  static boolean reached(List<Double> compiling) {
    return compiling.size() >= WINDOWS
        && compiling.subList(compiling.size() - WINDOWS, compiling.size()).stream()
            .allMatch(share -> share < MOST_COMPILING);
  }
}
