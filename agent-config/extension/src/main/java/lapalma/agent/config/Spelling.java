package lapalma.agent.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that somebody meant. */
final class Spelling {
  private Spelling() {}

  /** Returns the nearest of some names, if it has at least half of the characters in place. */
  static Optional<String> nearest(String written, Collection<String> names) {
    return within(written, names, Math.max(1, written.length() / 2));
  }

  /** Returns a name that differs so little that it must have been meant. */
  static Optional<String> mistaken(String written, Collection<String> names) {
    return within(written, names, Math.max(1, Math.min(2, written.length() / 4)));
  }

  private static Optional<String> within(String written, Collection<String> names, int most) {
    String best = null;
    int least = most + 1;
    for (String name : names) {
      if (Math.abs(bare(name).length() - bare(written).length()) < least) {
        int distance = distance(bare(written), bare(name));
        if (distance < least || (distance == least && best != null && name.compareTo(best) < 0)) {
          best = name;
          least = distance;
        }
      }
    }
    return Optional.ofNullable(best);
  }

  private static String bare(String name) {
    return name.replace("/development", "").replace('-', '_').toLowerCase(Locale.ROOT);
  }

  /** How many characters are missing, too many, wrong, or swapped with the next one. */
  private static int distance(String one, String other) {
    int[][] upTo = new int[one.length() + 1][other.length() + 1];
    for (int i = 0; i <= one.length(); i++) {
      for (int j = 0; j <= other.length(); j++) {
        if (i == 0 || j == 0) {
          upTo[i][j] = i + j;
          continue;
        }
        int wrong = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
        int least =
            Math.min(upTo[i - 1][j - 1] + wrong, Math.min(upTo[i - 1][j], upTo[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && one.charAt(i - 1) == other.charAt(j - 2)
            && one.charAt(i - 2) == other.charAt(j - 1)) {
          least = Math.min(least, upTo[i - 2][j - 2] + 1);
        }
        upTo[i][j] = least;
      }
    }
    return upTo[one.length()][other.length()];
  }
}
