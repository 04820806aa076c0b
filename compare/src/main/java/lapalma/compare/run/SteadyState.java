package lapalma.compare.run;

import java.util.List;

/** Decides when a warm-up is over. */
final class SteadyState {
  static final int WINDOWS = 3;
  static final double MOST_COMPILING = 0.02;

  private SteadyState() {}

  /**
   * Returns whether the JVM's compilers had less than 2 % of the process's CPU time in each of the
   * last {@value #WINDOWS} windows. While they have work, the cost of a request falls; it may stand
   * still for some seconds while they compile one large method.
   *
   * @param compiling the compilers' share in each window, from 0 to 1
   */
  static boolean reached(List<Double> compiling) {
    return compiling.size() >= WINDOWS
        && compiling.subList(compiling.size() - WINDOWS, compiling.size()).stream()
            .allMatch(share -> share < MOST_COMPILING);
  }
}
