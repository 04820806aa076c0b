package lapalma.compare.stats;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lapalma.compare.result.Measure;

/**
 * Compares the app without an agent with itself many times: how often does the interval contain 1?
 */
public final class AaTest {
  /** Of 20 intervals with 95 % confidence, 18 or more contain 1 nine times out of ten. */
  static final double LEAST_SHARE = 0.9;

  /**
   * The least share that one measure of many reaches, but for bad luck: fewer than 16 of 20
   * intervals contain 1 in one case of 400, and for at least one of 16 measures in one case of 25.
   */
  static final double LEAST_SHARE_OF_ONE = 0.8;

  /**
   * The result for one measure.
   *
   * @param repeats that could be judged
   * @param contained the number of their intervals that contain 1
   */
  public record Score(int repeats, int contained) {
    public boolean passes() {
      return repeats > 0 && contained >= LEAST_SHARE * repeats;
    }

    /** Returns whether one measure of many may get this score by chance. */
    public boolean mayBeChance() {
      return contained >= LEAST_SHARE_OF_ONE * repeats;
    }
  }

  public static Score together(Collection<Score> scores) {
    return new Score(
        scores.stream().mapToInt(Score::repeats).sum(),
        scores.stream().mapToInt(Score::contained).sum());
  }

  private AaTest() {}

  /** Scores each measure. Each {@code roundsEach} rounds in a row are one repeat. */
  public static Map<Measure, Score> score(
      Analysis analysis, String variant, String baseline, int roundsEach) {
    Map<Measure, Score> scores = new EnumMap<>(Measure.class);
    for (Measure measure : Measure.values()) {
      Map<Integer, Double> own = analysis.values(measure, variant);
      Map<Integer, Double> other = analysis.values(measure, baseline);
      List<Boolean> contains = new ArrayList<>();
      for (int first = 1; first <= analysis.plan().rounds(); first += roundsEach) {
        List<Integer> rounds = new ArrayList<>();
        for (int round = first; round < first + roundsEach; round++) {
          if (own.containsKey(round) && other.containsKey(round)) {
            rounds.add(round);
          }
        }
        Optional<Bootstrap.Interval> interval =
            Bootstrap.ratio(
                rounds.stream().mapToDouble(own::get).toArray(),
                rounds.stream().mapToDouble(other::get).toArray());
        interval.ifPresent(one -> contains.add(one.contains(1)));
      }
      if (!contains.isEmpty()) {
        scores.put(
            measure,
            new Score(
                contains.size(), (int) contains.stream().filter(Boolean::booleanValue).count()));
      }
    }
    return scores;
  }
}
