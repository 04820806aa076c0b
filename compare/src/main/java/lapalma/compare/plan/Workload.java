package lapalma.compare.plan;

/**
 * The work that a trial gives the app. A sweep changes one part of it.
 *
 * @param heap of the JVM, in MiB
 * @param connections of the closed load
 * @param routes of the app, to which requests go in turn; 0 for the app's own
 * @param share the open load's rate in percent of the rate at saturation; 0 for {@code rate}
 * @param rate requests per second of the open load; 0 in plans of earlier builds
 */
public record Workload(int heap, int connections, int routes, int share, int rate) {

  /** The part that a sweep changes, and its levels. The other parts are as usual. */
  public enum Axis {
    RATE("% of saturation", 10, 25, 50) {
      @Override
      Workload at(Workload usual, int level) {
        return new Workload(usual.heap, usual.connections, usual.routes, level, usual.rate);
      }
    },
    ROUTES("routes", 1, 1000) {
      @Override
      Workload at(Workload usual, int level) {
        return new Workload(usual.heap, usual.connections, level, usual.share, usual.rate);
      }
    },
    CONNECTIONS("connections", 1, 1000) {
      @Override
      Workload at(Workload usual, int level) {
        return new Workload(usual.heap, level, usual.routes, usual.share, usual.rate);
      }
    },
    HEAP("MiB of heap", 64, 1024) {
      @Override
      Workload at(Workload usual, int level) {
        return new Workload(level, usual.connections, usual.routes, usual.share, usual.rate);
      }
    };

    private final String unit;
    private final int[] levels;

    Axis(String unit, int... levels) {
      this.unit = unit;
      this.levels = levels;
    }

    abstract Workload at(Workload usual, int level);

    public int[] levels() {
      return levels.clone();
    }

    String describe(int level) {
      return "%,d %s".formatted(level, level == 1 ? unit.replaceFirst("s$", "") : unit);
    }
  }
}
