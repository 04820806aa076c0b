import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;

/**
 * Measures how often the alert DiceUnfair fires although the dice is fair.
 *
 * <pre>java tools/FalseAlarms.java [YEARS] [ROLLS_PER_SECOND] [LIMIT]</pre>
 *
 * <p>Rolls a fair dice for this many years of simulated time and evaluates the alert as the rules
 * do: a window of one hour, every 15 s, and an alarm once the statistic has been above the limit
 * for a minute. The windows overlap, so the significance of one look does not say how often this
 * happens.
 */
final class FalseAlarms {
  private static final int FACES = 6;
  private static final int LOOK_SECONDS = 15;
  private static final int LOOKS_PER_WINDOW = 3600 / LOOK_SECONDS;
  private static final int LOOKS_UNTIL_TOLD = 60 / LOOK_SECONDS;
  private static final long LOOKS_PER_YEAR = 365L * 24 * 3600 / LOOK_SECONDS;

  public static void main(String[] args) {
    int years = args.length > 0 ? Integer.parseInt(args[0]) : 100;
    int rollsPerSecond = args.length > 1 ? Integer.parseInt(args[1]) : 1;
    double limit = args.length > 2 ? Double.parseDouble(args[2]) : 35.89;
    long seed = System.nanoTime();
    var random = new SplittableRandom(seed);

    long alarms = 0;
    long looksAbove = 0;
    long above = 0;
    long[] window = new long[FACES];
    Deque<int[]> steps = new ArrayDeque<>();
    for (long look = 0; look < years * LOOKS_PER_YEAR; look++) {
      int[] step = new int[FACES];
      for (int i = 0; i < rollsPerSecond * LOOK_SECONDS; i++) {
        step[random.nextInt(FACES)]++;
      }
      add(window, step, 1);
      steps.addLast(step);
      if (steps.size() > LOOKS_PER_WINDOW) {
        add(window, steps.removeFirst(), -1);
      }
      if (chiSquared(window) > limit) {
        looksAbove++;
        above++;
        if (above == LOOKS_UNTIL_TOLD) {
          alarms++;
        }
      } else {
        above = 0;
      }
    }
    System.out.printf(
        "%d years at %d rolls a second, limit %.2f: %d false alarms; %d of %d looks above the limit (seed %d)%n",
        years, rollsPerSecond, limit, alarms, looksAbove, years * LOOKS_PER_YEAR, seed);
  }

  private static void add(long[] window, int[] step, int sign) {
    for (int face = 0; face < FACES; face++) {
      window[face] += (long) sign * step[face];
    }
  }

  private static double chiSquared(long[] counts) {
    long rolls = 0;
    for (long count : counts) {
      rolls += count;
    }
    if (rolls < 600) {
      return 0;
    }
    double expected = (double) rolls / FACES;
    double sum = 0;
    for (long count : counts) {
      sum += (count - expected) * (count - expected) / expected;
    }
    return sum;
  }
}
