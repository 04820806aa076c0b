package lapalma.compare.stats;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import lapalma.compare.plan.Plan;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Trial;

/**
 * Compares the variants of a run by the values of its trials.
 *
 * <p>The interval pairs the values of a round: what the machine does in a round changes both values
 * alike, and the ratio cancels it. The test does not pair values. With 10 rounds the p of a paired
 * signed-rank test is at least 0.002, however large the difference; Holm's correction multiplies it
 * by the number of comparisons, which is hundreds, so that no difference would stay significant.
 * The Mann-Whitney test of 10 values against 10 reaches a p of 0.00001. A variant counts as
 * different only where the interval and the test agree.
 */
public final class Analysis {
  private final Plan plan;
  private final List<Trial> trials;

  /** Values by measure, variant and round; those that are in doubt are left out. */
  private final Map<Measure, Map<String, Map<Integer, Double>>> values =
      new EnumMap<>(Measure.class);

  public Analysis(Plan plan, List<Trial> trials) {
    this.plan = plan;
    this.trials = List.copyOf(trials);
    for (Trial trial : trials) {
      trial
          .values()
          .forEach(
              (measure, value) -> {
                if (!trial.doubts().containsKey(measure)) {
                  values
                      .computeIfAbsent(measure, any -> new HashMap<>())
                      .computeIfAbsent(trial.variant(), any -> new TreeMap<>())
                      .put(trial.round(), value);
                }
              });
    }
  }

  /**
   * Compares every measure of every variant with its baseline. The comparisons with one baseline
   * are corrected together: those with another one, such as another JDK, are another experiment.
   */
  public List<Comparison> againstBaselines() {
    Map<String, List<Pair>> byBaseline = new LinkedHashMap<>();
    for (Variant variant : plan.variants()) {
      if (!variant.isBaseline()) {
        List<Pair> pairs = byBaseline.computeIfAbsent(variant.baseline(), any -> new ArrayList<>());
        for (Measure measure : Measure.values()) {
          pair(measure, variant.name(), variant.baseline()).ifPresent(pairs::add);
        }
      }
    }
    return byBaseline.values().stream().flatMap(pairs -> corrected(pairs).stream()).toList();
  }

  /**
   * Compares every measure of every two variants that have the same baseline, corrected together.
   */
  public List<Comparison> pairs() {
    List<Pair> all = new ArrayList<>();
    // By name, so that two runs name each pair in the same order.
    List<Variant> variants =
        plan.variants().stream().sorted(Comparator.comparing(Variant::name)).toList();
    for (Measure measure : Measure.values()) {
      for (int i = 0; i < variants.size(); i++) {
        for (Variant other : variants.subList(i + 1, variants.size())) {
          if (variants.get(i).baseline().equals(other.baseline())) {
            pair(measure, variants.get(i).name(), other.name()).ifPresent(all::add);
          }
        }
      }
    }
    return corrected(all);
  }

  /**
   * Compares one measure of several variants with another variant, corrected together.
   *
   * @return nothing for a variant that no round has together with the other
   */
  public List<Comparison> against(Measure measure, List<String> variants, String other) {
    List<Pair> all = new ArrayList<>();
    variants.forEach(variant -> pair(measure, variant, other).ifPresent(all::add));
    return corrected(all);
  }

  /**
   * Makes one comparison without the correction, for a question that was asked before the run.
   *
   * @return empty where no round has both variants
   */
  public Optional<Comparison> against(Measure measure, String variant, String baseline) {
    return pair(measure, variant, baseline).map(pair -> pair.compared(1, pair.p()));
  }

  private Optional<Pair> pair(Measure measure, String variant, String baseline) {
    Map<Integer, Double> own = values(measure, variant);
    Map<Integer, Double> other = values(measure, baseline);
    List<Integer> rounds = own.keySet().stream().filter(other::containsKey).toList();
    return rounds.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Pair(
                measure,
                variant,
                baseline,
                rounds.stream().mapToDouble(own::get).toArray(),
                rounds.stream().mapToDouble(other::get).toArray()));
  }

  /** The values of two variants in the same rounds. */
  private record Pair(
      Measure measure, String variant, String baseline, double[] own, double[] other) {

    boolean hasRatio() {
      return Bootstrap.haveRatio(own, other);
    }

    double p() {
      return MannWhitney.probability(own, other);
    }

    /**
     * Compares the values.
     *
     * @param comparisons that are made together
     * @param p of the test, corrected for their number
     */
    Comparison compared(int comparisons, double p) {
      Optional<Bootstrap.Interval> ratio = Bootstrap.ratio(own, other);
      return new Comparison(
          measure,
          variant,
          baseline,
          own.length,
          median(own),
          median(other),
          ratio,
          Bootstrap.difference(own, other),
          ratio
              .map(
                  interval ->
                      Power.detectable(own, other, interval, Comparison.SIGNIFICANT / comparisons))
              .orElse(OptionalDouble.empty()),
          p,
          Math.min(1, comparisons * leastProbability(own.length)));
    }
  }

  /**
   * Returns the least p: in two of all orders, the values of one variant all lie above the other's.
   */
  private static double leastProbability(int rounds) {
    double orders = 1;
    for (int i = 1; i <= rounds; i++) {
      orders *= (double) (rounds + i) / i;
    }
    return 2 / orders;
  }

  /** A pair that has no ratio is never called a difference, so the correction leaves it out. */
  private static List<Comparison> corrected(List<Pair> pairs) {
    List<Pair> judged = pairs.stream().filter(Pair::hasRatio).toList();
    double[] adjusted = Holm.adjust(judged.stream().mapToDouble(Pair::p).toArray());
    List<Comparison> corrected = new ArrayList<>();
    int next = 0;
    for (Pair pair : pairs) {
      corrected.add(pair.compared(judged.size(), pair.hasRatio() ? adjusted[next++] : 1));
    }
    return corrected;
  }

  Map<Integer, Double> values(Measure measure, String variant) {
    return values.getOrDefault(measure, Map.of()).getOrDefault(variant, Map.of());
  }

  public Optional<Double> median(Measure measure, String variant) {
    Map<Integer, Double> own = values(measure, variant);
    return own.isEmpty()
        ? Optional.empty()
        : Optional.of(median(own.values().stream().mapToDouble(Double::doubleValue).toArray()));
  }

  public static double median(double[] values) {
    double[] sorted = Arrays.stream(values).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Returns the reasons why values are in doubt, one for each value, by measure and variant. */
  public Map<Measure, Map<String, List<String>>> doubts() {
    Map<Measure, Map<String, List<String>>> doubts = new EnumMap<>(Measure.class);
    for (Trial trial : trials) {
      trial
          .doubts()
          .forEach(
              (measure, reason) ->
                  doubts
                      .computeIfAbsent(measure, any -> new TreeMap<>())
                      .computeIfAbsent(trial.variant(), any -> new ArrayList<>())
                      .add(reason));
    }
    return doubts;
  }

  public Plan plan() {
    return plan;
  }

  public List<Trial> trials() {
    return trials;
  }
}
