package lapalma.compare.plan;

/**
 * The work that a trial gives the app. A sweep changes one part of it.
 *
 * @param heap of the JVM, in MB
 * @param connections of the closed load
 * @param routes of the app, to which requests go in turn; 0 for the app's own
 * @param share the open load's rate in percent of the rate at saturation; 0 for the rate of the
 *     {@link LoadProfile}
 */
public record Workload(int heap, int connections, int routes, int share) {

  public static final Workload USUAL = new Workload(256, 16, 0, 0);

  /** The part that a sweep changes, and its levels. The other parts are as usual. */
  public enum Axis {
    RATE("% of saturation", 10, 25, 50) {
      @Override
      Workload at(int level) {
        return new Workload(USUAL.heap, USUAL.connections, USUAL.routes, level);
      }
    },
    ROUTES("routes", 1, 1000) {
      @Override
      Workload at(int level) {
        return new Workload(USUAL.heap, USUAL.connections, level, USUAL.share);
      }
    },
    CONNECTIONS("connections", 1, 1000) {
      @Override
      Workload at(int level) {
        return new Workload(USUAL.heap, level, USUAL.routes, USUAL.share);
      }
    },
    HEAP("MB of heap", 64, 1024) {
      @Override
      Workload at(int level) {
        return new Workload(level, USUAL.connections, USUAL.routes, USUAL.share);
      }
    };

    private final String unit;
    private final int[] levels;

    Axis(String unit, int... levels) {
      this.unit = unit;
      this.levels = levels;
    }

    abstract Workload at(int level);

    public int[] levels() {
      return levels.clone();
    }

    String describe(int level) {
      return "%,d %s".formatted(level, level == 1 ? unit.replaceFirst("s$", "") : unit);
    }
  }
}
