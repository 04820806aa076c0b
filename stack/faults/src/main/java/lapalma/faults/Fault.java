package lapalma.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;

/** A fault of the rolls. */
sealed interface Fault {
  String BURN = "burn=";

  /**
   * Returns the fault of this name.
   *
   * @param name {@code none}, {@code errors}, {@code slow}, {@code loaded}, {@code hang}, {@code
   *     memory}, or {@code burn=} and a number of nanoseconds
   */
  static Fault parse(String name) {
    if (name.startsWith(BURN)) {
      return new Burn(Long.parseLong(name.substring(BURN.length())));
    }
    return switch (name) {
      case "none" -> new None();
      case "errors" -> new Errors(0.2);
      case "slow" -> new Slow(400);
      case "loaded" -> new Loaded(0.2);
      case "hang" -> new Hang(new CountDownLatch(1));
      case "memory" -> new Memory(0.89, new ArrayList<>());
      default -> throw new IllegalArgumentException("No such fault: " + name);
    };
  }

  default void begin() {}

  default void end() {}

  default void beforeRoll() {}

  default int afterRoll(int face) {
    return face;
  }

  record None() implements Fault {}

  /** A share of the rolls fails. */
  record Errors(double share) implements Fault {
    @Override
    public void beforeRoll() {
      if (ThreadLocalRandom.current().nextDouble() < share) {
        throw new IllegalStateException("The dice fell off the table");
      }
    }
  }

  /** Every roll takes some milliseconds longer. */
  record Slow(long millis) implements Fault {
    @Override
    public void beforeRoll() {
      try {
        Thread.sleep(millis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Every roll burns some nanoseconds of CPU. The lab checks that it finds these planted costs. */
  record Burn(long nanos) implements Fault {
    @Override
    public void beforeRoll() {
      // By the clock: it equals the CPU time while no other thread needs the core.
      long end = System.nanoTime() + nanos;
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
    }
  }

  /** A share of the rolls shows a six, whatever the roll. */
  record Loaded(double share) implements Fault {
    @Override
    public int afterRoll(int face) {
      return ThreadLocalRandom.current().nextDouble() < share ? 6 : face;
    }
  }

  /** Every roll waits until the fault ends. */
  record Hang(CountDownLatch over) implements Fault {
    @Override
    public void beforeRoll() {
      try {
        over.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void end() {
      over.countDown();
    }
  }

  /** The fault fills the heap up to a share of its limit. */
  record Memory(double share, List<byte[]> held) implements Fault {
    private static final int PIECE = 64 * 1024;

    @Override
    public void begin() {
      Runtime runtime = Runtime.getRuntime();
      // Each turn collects first: only memory that survives a collection counts.
      for (long missing = Long.MAX_VALUE; missing > 0; ) {
        System.gc();
        long used = runtime.totalMemory() - runtime.freeMemory();
        missing = (long) (share * runtime.maxMemory()) - used;
        for (long added = 0; added < missing; added += PIECE) {
          held.add(new byte[PIECE]);
        }
      }
    }

    @Override
    public void end() {
      held.clear();
      System.gc();
    }
  }
}
