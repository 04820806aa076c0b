package lapalma.compare.score;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import lapalma.compare.result.Score.Outcome;
import lapalma.compare.result.Score.Verdict;

/** Counts what a rule is applied to, and remembers some of what fails it. */
final class Tally {
  private static final int EXAMPLES = 10;

  private final Rule rule;
  private final Set<String> examples = new LinkedHashSet<>();
  private long judged;
  private long failing;

  Tally(Rule rule) {
    this.rule = rule;
  }

  /**
   * Counts one.
   *
   * @param example names it, where it does not hold
   */
  void check(boolean holds, String example) {
    judged++;
    if (!holds) {
      failing++;
      if (examples.size() < EXAMPLES) {
        examples.add(example);
      }
    }
  }

  /**
   * Returns the result, which is a pass if none fails.
   *
   * @param what the counted things, in the plural
   * @param seen what else a reader should know, or empty
   */
  Verdict verdict(String what, String seen) {
    String counts =
        judged == 0
            ? "no %s, so none fails".formatted(what)
            : failing == 0
                ? "%d %s, none fails".formatted(judged, what)
                : "%d of %d %s fail".formatted(failing, judged, what);
    return new Verdict(
        rule.id(),
        rule.impact(),
        rule.title(),
        rule.source(),
        failing == 0 ? Outcome.PASSED : Outcome.FAILED,
        seen.isEmpty() ? counts : counts + "; " + seen,
        judged,
        failing,
        List.copyOf(examples));
  }

  Verdict verdict(String what) {
    return verdict(what, "");
  }

  static Verdict notJudged(Rule rule, String why) {
    return new Verdict(
        rule.id(),
        rule.impact(),
        rule.title(),
        rule.source(),
        Outcome.NOT_JUDGED,
        why,
        0,
        0,
        List.of());
  }
}
