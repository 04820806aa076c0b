package lapalma.compare.stats;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Checks whether two runs agree on which of two variants costs more. */
public final class Diff {

  /** The comparisons of the same two variants in two runs. */
  public record Pair(Comparison first, Comparison second) {

    public boolean bothDiffer() {
      return first.tellsApart() && second.tellsApart();
    }

    public boolean contradicts() {
      return bothDiffer() && first.verdict() != second.verdict();
    }

    public boolean oneDiffers() {
      return first.tellsApart() != second.tellsApart();
    }
  }

  private Diff() {}

  /** Returns the comparisons that both runs have. */
  public static List<Pair> pairs(Analysis first, Analysis second) {
    Map<List<Object>, Comparison> known = new HashMap<>();
    for (Comparison one : second.pairs()) {
      known.put(key(one), one);
    }
    List<Pair> pairs = new ArrayList<>();
    for (Comparison one : first.pairs()) {
      if (known.containsKey(key(one))) {
        pairs.add(new Pair(one, known.get(key(one))));
      }
    }
    return pairs;
  }

  private static List<Object> key(Comparison comparison) {
    return List.of(comparison.measure(), comparison.variant(), comparison.baseline());
  }
}
