package lapalma.compare.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import lapalma.compare.result.Score.Impact;
import lapalma.compare.result.Score.Name;
import lapalma.compare.result.Score.Outcome;
import lapalma.compare.result.Score.Trouble;
import lapalma.compare.result.Score.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreTest {
  @TempDir Path folder;

  @Test
  void theExampleOfTheSpecificationHasItsScore() {
    List<Verdict> rules = new ArrayList<>();
    add(rules, Impact.CRITICAL, 4, 8);
    add(rules, Impact.IMPORTANT, 8, 10);
    add(rules, Impact.NORMAL, 6, 8);
    add(rules, Impact.LOW, 1, 5);
    assertThat(score(rules).value().orElseThrow()).isCloseTo(63.86, within(0.005));
    assertThat(score(rules).summary()).isEqualTo("63.9, needs improvement");
  }

  @Test
  void aRuleThatIsNotJudgedDoesNotCountButIsMentioned() {
    List<Verdict> rules = new ArrayList<>();
    add(rules, Impact.CRITICAL, 1, 1);
    rules.add(verdict(Impact.IMPORTANT, Outcome.NOT_JUDGED));
    assertThat(score(rules).summary())
        .isEqualTo("100.0, excellent; incomplete, 1 of 2 rules judged");
  }

  @Test
  void aScoreIsReadBackAsItWas() {
    var run = new RunFolder(folder);
    Score score = score(List.of(verdict(Impact.LOW, Outcome.FAILED)));
    run.write(score);
    assertThat(run.score("otel")).contains(score);
    assertThat(run.score("other")).isEmpty();
  }

  private static void add(List<Verdict> rules, Impact impact, int passed, int all) {
    for (int i = 0; i < all; i++) {
      rules.add(verdict(impact, i < passed ? Outcome.PASSED : Outcome.FAILED));
    }
  }

  private static Verdict verdict(Impact impact, Outcome outcome) {
    return new Verdict("X-1", impact, "title", "source", outcome, "text", 1, 1, List.of("one"));
  }

  private static Score score(List<Verdict> rules) {
    return new Score(
        "otel",
        Instant.EPOCH,
        "0.1",
        "1.44.0",
        rules,
        List.of(new Name(Trouble.UNKNOWN, "span", "dice.value", 3, "")),
        "");
  }
}
