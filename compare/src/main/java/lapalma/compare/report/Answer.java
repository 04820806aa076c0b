package lapalma.compare.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Coverage;
import lapalma.compare.result.Measure;
import lapalma.compare.stats.Analysis;
import lapalma.compare.stats.Bootstrap;
import lapalma.compare.stats.Comparison;
import lapalma.compare.stats.Comparison.Verdict;

/**
 * The variant to take, by what a reader wants: the cheapest one that gives it. Of those that cannot
 * be told apart from the cheapest, it is the one that starts soonest.
 *
 * @param wants the wants that this variant answers
 * @param take the variant
 * @param alike the variants that give the same and cannot be told apart from it, by the measure
 *     that decides. A variant of other rounds is told apart only where the intervals of the two
 *     ratios to the baseline do not overlap
 */
record Answer(List<Want> wants, Variant take, Map<Measure, Set<Variant>> alike) {

  /**
   * Chooses among the variants of one baseline: that with the most variants.
   *
   * @return nothing for a want that no variant gives
   */
  static List<Answer> of(AppResults results, Analysis analysis) {
    List<Answer> answers = new ArrayList<>();
    List<Variant> candidates = results.mainBand();
    for (Want want : Want.values()) {
      choose(want, candidates, results.coverage(), analysis)
          .ifPresent(answer -> answer.joinOneOf(answers));
    }
    return answers;
  }

  /** Adds this answer to the one that says the same, or else to the end. */
  private void joinOneOf(List<Answer> answers) {
    for (int i = 0; i < answers.size(); i++) {
      if (answers.get(i).saysTheSame(this)) {
        answers.set(i, answers.get(i).and(this));
        return;
      }
    }
    answers.add(this);
  }

  private boolean saysTheSame(Answer other) {
    return take.equals(other.take)
        && alike.keySet().stream()
            .filter(other.alike::containsKey)
            .allMatch(measure -> alike.get(measure).equals(other.alike.get(measure)));
  }

  private Answer and(Answer other) {
    Map<Measure, Set<Variant>> both = new EnumMap<>(alike);
    both.putAll(other.alike);
    return new Answer(Stream.concat(wants.stream(), other.wants.stream()).toList(), take, both);
  }

  private static Optional<Answer> choose(
      Want want, List<Variant> all, Map<String, Coverage> coverage, Analysis analysis) {
    Map<Variant, Double> ratios = new LinkedHashMap<>();
    for (Variant variant : all) {
      Coverage known = coverage.get(variant.name());
      if (known != null && want.isGivenBy(variant, known, analysis)) {
        ratio(variant, want.decides(), analysis)
            .ifPresent(ratio -> ratios.put(variant, ratio.estimate()));
      }
    }
    List<Variant> candidates = List.copyOf(ratios.keySet());
    return candidates.stream()
        .min(Comparator.comparing(ratios::get))
        .map(best -> soonest(best, alike(best, candidates, want.decides(), analysis), analysis))
        .map(
            take ->
                new Answer(
                    List.of(want),
                    take,
                    Map.of(want.decides(), alike(take, candidates, want.decides(), analysis))));
  }

  /** Returns the variant that starts soonest of the best one and those that are as good. */
  private static Variant soonest(Variant best, Set<Variant> alike, Analysis analysis) {
    return Stream.concat(Stream.of(best), alike.stream())
        .min(
            Comparator.comparing(
                variant ->
                    ratio(variant, Measure.START, analysis)
                        .map(Bootstrap.Interval::estimate)
                        .orElse(Double.MAX_VALUE)))
        .orElseThrow();
  }

  private static Set<Variant> alike(
      Variant take, List<Variant> candidates, Measure decides, Analysis analysis) {
    List<Variant> others = candidates.stream().filter(other -> !other.equals(take)).toList();
    Map<String, Boolean> told =
        analysis.against(decides, others.stream().map(Variant::name).toList(), take.name()).stream()
            .filter(one -> one.verdict() != Verdict.TOO_FEW_ROUNDS)
            .collect(Collectors.toMap(Comparison::variant, Comparison::tellsApart));
    return others.stream()
        .filter(
            other ->
                told.containsKey(other.name())
                    ? !told.get(other.name())
                    : overlap(
                        ratio(take, decides, analysis).orElseThrow(),
                        ratio(other, decides, analysis).orElseThrow()))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static Optional<Bootstrap.Interval> ratio(
      Variant variant, Measure measure, Analysis analysis) {
    return analysis.against(measure, variant.name(), variant.baseline()).flatMap(Comparison::ratio);
  }

  private static boolean overlap(Bootstrap.Interval one, Bootstrap.Interval other) {
    return one.low() <= other.high() && other.low() <= one.high();
  }

  /** Returns the wants as the end of a sentence that begins with "If you want". */
  String text() {
    return String.join("; or ", wants.stream().map(Want::text).toList());
  }
}
