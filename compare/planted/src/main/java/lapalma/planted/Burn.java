package lapalma.planted;

/** Keeps a core busy. */
public final class Burn {
  private static volatile long nanos;

  private Burn() {}

  static void setNanos(long value) {
    nanos = value;
  }

  /** By the clock: so long as nobody else wants the core, that is the CPU time. */
  public static void burn() {
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }
}
