package lapalma.player;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Counts the results of requests since the last line about them. For several threads. */
final class Counts {
  private static final int FACES = 6;

  private final long[] rolls = new long[FACES + 1];
  private long failed;
  private long missing;
  private long unanswered;
  private long unsent;

  synchronized void answered(Answer answer) {
    if (answer instanceof Answer.Rolled rolled) {
      rolls[rolled.face()]++;
    } else if (answer instanceof Answer.Missing) {
      missing++;
    } else {
      failed++;
    }
  }

  synchronized void unanswered() {
    unanswered++;
  }

  /** Counts a request that was left out, because too many others wait for their answer. */
  synchronized void unsent() {
    unsent++;
  }

  /** Returns the counts as a line, and resets them. */
  synchronized String take() {
    String faces =
        IntStream.rangeClosed(1, FACES)
            .mapToObj(face -> "%d: %d".formatted(face, rolls[face]))
            .collect(Collectors.joining(", "));
    String line =
        "Rolls %s; failures %d; missing pages %d; no answer %d%s"
            .formatted(
                faces, failed, missing, unanswered, unsent > 0 ? "; left out " + unsent : "");
    Arrays.fill(rolls, 0);
    failed = 0;
    missing = 0;
    unanswered = 0;
    unsent = 0;
    return line;
  }
}
