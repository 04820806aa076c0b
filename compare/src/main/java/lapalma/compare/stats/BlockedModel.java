package lapalma.compare.stats;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * One measure of the rows of a table, in the rounds that all of them share. The logarithm of a
 * value is the sum of an effect of its row, an effect of its round, and noise that is alike in all
 * rows. So what the machine does in a round cancels, and all rows together tell how large the noise
 * is.
 */
final class BlockedModel {
  private static final double CONFIDENCE = 0.95;

  private final Map<String, Double> logMeans = new LinkedHashMap<>();
  private final List<Integer> rounds;

  /** The standard error of the difference of two rows' logarithms. */
  private final double error;

  private final TDistribution t;

  /** The half of a difference's interval. */
  private final double reach;

  /**
   * Fits the model.
   *
   * @param values by row and round, above 0
   */
  BlockedModel(Map<String, Map<Integer, Double>> values) {
    var shared = new TreeSet<Integer>();
    values.values().stream().findFirst().ifPresent(row -> shared.addAll(row.keySet()));
    values.values().forEach(row -> shared.retainAll(row.keySet()));
    this.rounds = List.copyOf(shared);
    values.forEach((row, ofRow) -> logMeans.put(row, logMean(ofRow)));
    double all = logMeans.values().stream().mapToDouble(mean -> mean).average().orElse(0);
    double squares = 0;
    for (int round : rounds) {
      double ofRound =
          values.values().stream().mapToDouble(row -> Math.log(at(row, round))).average().orElse(0);
      for (var row : values.entrySet()) {
        double noise =
            Math.log(at(row.getValue(), round)) - at(logMeans, row.getKey()) - ofRound + all;
        squares += noise * noise;
      }
    }
    // Rounding gives equal values an error above 0, so that nothing is divided by 0.
    double variance = Math.max(squares / Math.max(1, degrees()), 1e-24);
    this.error = Math.sqrt(variance * 2 / Math.max(1, rounds.size()));
    this.t = TDistribution.of(Math.max(1, degrees()));
    this.reach = degrees() < 1 ? 0 : error * t.inverseSurvivalProbability((1 - CONFIDENCE) / 2);
  }

  private double logMean(Map<Integer, Double> row) {
    return rounds.stream().mapToDouble(round -> Math.log(at(row, round))).average().orElse(0);
  }

  private static <K> double at(Map<K, Double> values, K key) {
    return Objects.requireNonNull(values.get(key), () -> "no value of " + key);
  }

  private int degrees() {
    return (logMeans.size() - 1) * (rounds.size() - 1);
  }

  int rounds() {
    return rounds.size();
  }

  /** Returns the geometric mean of a row's values in the shared rounds. */
  double mean(String row) {
    return Math.exp(at(logMeans, row));
  }

  /**
   * Compares two rows.
   *
   * @return the quotient of their means; without an interval where the rounds are fewer than two
   */
  Ratio ratio(String row, String baseline) {
    double difference = at(logMeans, row) - at(logMeans, baseline);
    double estimate = Math.exp(difference);
    if (degrees() < 1) {
      return new Ratio(estimate, 0, Double.POSITIVE_INFINITY, 1);
    }
    return new Ratio(
        estimate,
        Math.exp(difference - reach),
        Math.exp(difference + reach),
        2 * t.survivalProbability(Math.abs(difference) / error));
  }
}
