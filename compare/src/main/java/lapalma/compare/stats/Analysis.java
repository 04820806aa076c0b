package lapalma.compare.stats;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import lapalma.compare.plan.Plan;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Delivered.Spans;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Trial;
import lapalma.compare.stats.Ratio.Verdict;

/**
 * The costs of the variants of one run, which are the rows of one table.
 *
 * <p>A row without its spans has no cost: an agent that drops them is cheap for that. The verdicts
 * are on {@link Measure#DECIDING} only, and Holm's correction is for all of them in the table, so
 * that the table makes no false one in 95 % of runs.
 */
public final class Analysis {
  private final Plan plan;
  private final List<Trial> trials;
  private final Map<Measure, Map<String, Cost>> costs = new EnumMap<>(Measure.class);

  public Analysis(Plan plan, List<Trial> trials) {
    this.plan = plan;
    this.trials = trials;
    for (Measure measure : Measure.values()) {
      costs.put(measure, costs(measure));
    }
    decide();
  }

  /** Returns what a variant costs; a reason where that is not known. */
  public Cost cost(Measure measure, String variant) {
    return costs.getOrDefault(measure, Map.of()).getOrDefault(variant, Cost.none("not measured"));
  }

  /**
   * Returns the spans of a variant under the load of a measure, in all trials; {@link Spans#NONE}
   * where they were not counted.
   */
  public Spans spans(Measure measure, String variant) {
    return trials.stream()
        .filter(trial -> trial.variant().equals(variant))
        .flatMap(trial -> trial.delivered().stream())
        .map(delivered -> delivered.under(measure))
        .reduce(Spans.NONE, Spans::plus);
  }

  private Map<String, Cost> costs(Measure measure) {
    Map<String, Cost> found = new LinkedHashMap<>();
    Map<String, Map<Integer, Double>> values = new LinkedHashMap<>();
    long rounds = trials.stream().map(Trial::round).distinct().count();
    for (Variant variant : plan.variants()) {
      Map<Integer, Double> ofRow = values(measure, variant.name());
      Spans spans = spans(measure, variant.name());
      if (spans.tooFew(variant.sampled())) {
        found.put(variant.name(), Cost.none(spans.text()));
      } else if (ofRow.isEmpty()) {
        found.put(variant.name(), Cost.none("not measured"));
      } else if (2L * ofRow.size() < rounds) {
        // The others would lose these rounds too.
        found.put(
            variant.name(),
            Cost.none("measured in %d of %d rounds".formatted(ofRow.size(), rounds)));
      } else if (ofRow.values().stream().anyMatch(value -> value <= 0)) {
        double mean = ofRow.values().stream().mapToDouble(value -> value).average().orElseThrow();
        found.put(variant.name(), cost(ofRow.size(), mean, Optional.empty()));
      } else {
        values.put(variant.name(), ofRow);
      }
    }
    var model = new BlockedModel(values);
    for (Variant variant : plan.variants()) {
      if (values.containsKey(variant.name())) {
        boolean compared = !variant.isBaseline() && values.containsKey(variant.baseline());
        found.put(
            variant.name(),
            model.rounds() == 0
                ? Cost.none("no round has all rows")
                : cost(
                    model.rounds(),
                    model.mean(variant.name()),
                    compared
                        ? Optional.of(model.ratio(variant.name(), variant.baseline()))
                        : Optional.empty()));
      }
    }
    return found;
  }

  private static Cost cost(int rounds, double value, Optional<Ratio> ratio) {
    return new Cost(rounds, OptionalDouble.of(value), "", ratio, Optional.empty());
  }

  private Map<Integer, Double> values(Measure measure, String variant) {
    Map<Integer, Double> values = new TreeMap<>();
    for (Trial trial : trials) {
      if (trial.variant().equals(variant)
          && trial.values().containsKey(measure)
          && !trial.doubts().containsKey(measure)) {
        values.put(trial.round(), trial.values().get(measure));
      }
    }
    return values;
  }

  private void decide() {
    List<Map.Entry<String, Cost>> all = new ArrayList<>();
    for (Measure measure : Measure.DECIDING) {
      costs.getOrDefault(measure, Map.of()).entrySet().stream()
          .filter(row -> row.getValue().ratio().filter(Ratio::hasInterval).isPresent())
          .forEach(all::add);
    }
    double[] corrected =
        Holm.adjust(
            all.stream().mapToDouble(row -> row.getValue().ratio().orElseThrow().p()).toArray());
    for (int i = 0; i < corrected.length; i++) {
      Cost cost = all.get(i).getValue();
      Verdict verdict = cost.ratio().orElseThrow().verdict(corrected[i]);
      all.get(i)
          .setValue(
              new Cost(
                  cost.rounds(), cost.value(), cost.why(), cost.ratio(), Optional.of(verdict)));
    }
  }
}
