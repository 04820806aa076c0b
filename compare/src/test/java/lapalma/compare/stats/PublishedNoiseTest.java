package lapalma.compare.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import lapalma.compare.Fixtures;
import lapalma.compare.plan.Plan;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Trial;
import lapalma.compare.stats.Ratio.Verdict;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Simulates tables of six rows with the noise of the runs that were published in November 2026. */
class PublishedNoiseTest {
  private static final int TABLES = 6000;
  private static final int ROUNDS = 12;
  private static final String[] ROWS = {"bare", "one", "two", "three", "four", "five"};

  /**
   * The standard deviation of the logarithm of a value from the effects of its row and its round:
   * of the archives of 2026-11-27 and 28 in docs/report/data, with 228 degrees of freedom.
   */
  private static final Map<Measure, Double> NOISE =
      Map.of(
          Measure.START_CPU, 0.100,
          Measure.CPU, 0.146,
          Measure.P99, 0.394,
          Measure.RESIDENT, 0.032);

  /** The standard deviation of the effect that a round has on all of its rows. */
  private static final double OF_ROUND = 0.08;

  private final Plan plan = Fixtures.plan(ROUNDS, ROWS);
  private final Random random = new Random(43);
  private int wrongTables;
  private int intervals;
  private int covering;
  private int found;

  @BeforeEach
  void simulate() {
    for (int table = 0; table < TABLES; table++) {
      judge(table());
    }
  }

  @Test
  void verdictsAreRightAsOftenAsTheyClaim() {
    assertThat(wrongTables / (double) TABLES).as("tables with a false verdict").isLessThan(0.05);
    assertThat(covering / (double) intervals).as("coverage").isBetween(0.94, 0.96);
    assertThat(found / (double) TABLES).as("+25 % of CPU that is found").isGreaterThan(0.6);
  }

  /** Makes a table in which the last row costs 25 % more CPU per request, and all else is alike. */
  private Analysis table() {
    List<Trial> trials = new ArrayList<>();
    for (int round = 1; round <= ROUNDS; round++) {
      double shared = OF_ROUND * random.nextGaussian();
      for (String row : ROWS) {
        Map<Measure, Double> values = new EnumMap<>(Measure.class);
        for (Measure measure : Measure.DECIDING) {
          double more = more(measure, row) ? Math.log(1.25) : 0;
          values.put(measure, Math.exp(shared + more + NOISE.get(measure) * random.nextGaussian()));
        }
        trials.add(Fixtures.trial(round, row, values));
      }
    }
    return new Analysis(plan, trials);
  }

  private static boolean more(Measure measure, String row) {
    return measure == Measure.CPU && row.equals("five");
  }

  private void judge(Analysis table) {
    boolean wrong = false;
    for (Measure measure : Measure.DECIDING) {
      for (String row : List.of(ROWS).subList(1, ROWS.length)) {
        Cost cost = table.cost(measure, row);
        Ratio ratio = cost.ratio().orElseThrow();
        Verdict verdict = cost.verdict().orElseThrow();
        double truth = more(measure, row) ? 1.25 : 1;
        intervals++;
        covering += ratio.low() <= truth && truth <= ratio.high() ? 1 : 0;
        if (more(measure, row)) {
          found += verdict == Verdict.MORE ? 1 : 0;
          wrong |= verdict == Verdict.LESS;
        } else {
          wrong |= verdict == Verdict.MORE || verdict == Verdict.LESS;
        }
      }
    }
    wrongTables += wrong ? 1 : 0;
  }
}
