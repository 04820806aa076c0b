package lapalma.compare.result;

/** The spans that a variant delivered under each load, until its process had ended. */
public record Delivered(Spans saturated, Spans fixedRate) {
  private static final double ENOUGH = 0.99;

  /**
   * The server spans of one or more loads.
   *
   * @param due one for each answered request that was to be sampled
   */
  public record Spans(long arrived, double due) {
    public static final Spans NONE = new Spans(0, 0);

    public Spans plus(Spans other) {
      return new Spans(arrived + other.arrived, due + other.due);
    }

    /**
     * Returns whether so few spans arrived that the variant is cheap because it drops them.
     *
     * @param sampled the share of requests that a sampler takes, by chance a few more or less
     */
    public boolean tooFew(double sampled) {
      return arrived < ENOUGH * due && due - arrived > 3 * Math.sqrt(due * (1 - sampled));
    }

    /** Returns the share that arrived, from 0 to 1. */
    public double share() {
      return arrived / due;
    }

    public String text() {
      return "delivered %.1f %%".formatted(100 * share());
    }
  }

  /** Returns the spans of the load under which a measure is taken, or none. */
  public Spans under(Measure measure) {
    return switch (measure) {
      case THROUGHPUT, CPU_SATURATED -> saturated;
      case CPU, P50, P90, P99, P999, RESIDENT, ALLOCATED, GC, EXPORTED -> fixedRate;
      case START, START_CPU, HEAP, THREADS, STOP -> Spans.NONE;
    };
  }

  /**
   * Returns whether the receiver reads spans, as far as this shows: any was due, and any arrived.
   */
  public boolean isCounted() {
    Spans all = saturated.plus(fixedRate);
    return all.arrived > 0 && saturated.due > 0 && fixedRate.due > 0;
  }

  public String text() {
    return "%s at saturation, %s at the fixed rate"
        .formatted(saturated.text(), fixedRate.text().replace("delivered ", ""));
  }
}
