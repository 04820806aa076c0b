package lapalma.dice;

import java.util.concurrent.ThreadLocalRandom;

/** A fair six-sided dice. */
final class Dice {
  static final int FACES = 6;

  /** Returns a face from 1 to {@value #FACES}, each equally likely. */
  int roll() {
    return ThreadLocalRandom.current().nextInt(1, FACES + 1);
  }
}
