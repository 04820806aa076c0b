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
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Coverage;
import lapalma.compare.result.Measure;
import lapalma.compare.stats.Analysis;
import lapalma.compare.stats.Bootstrap;
import lapalma.compare.stats.Comparison;
import lapalma.compare.stats.Comparison.Verdict;

/**
 * The variant to take, by what a reader wants.
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
    Map<Want, Answer> byWant = new LinkedHashMap<>();
    List<Variant> candidates = results.mainBand();
    for (Want want : Want.values()) {
      choose(want, candidates, results.coverage(), analysis)
          .ifPresent(answer -> byWant.put(want, answer));
    }
    Map<Variant, List<Answer>> byVariant = new LinkedHashMap<>();
    byWant
        .values()
        .forEach(one -> byVariant.computeIfAbsent(one.take(), any -> new ArrayList<>()).add(one));
    return byVariant.values().stream().map(Answer::merged).toList();
  }

  /** Joins the answers that take the same variant. Another one is alike if it is for each want. */
  private static Answer merged(List<Answer> same) {
    Map<Measure, Set<Variant>> alike = new EnumMap<>(Measure.class);
    for (Answer answer : same) {
      answer
          .alike()
          .forEach(
              (measure, variants) ->
                  alike
                      .computeIfAbsent(measure, any -> new LinkedHashSet<>(variants))
                      .retainAll(variants));
    }
    return new Answer(
        same.stream().flatMap(one -> one.wants().stream()).toList(), same.get(0).take(), alike);
  }

  private static Optional<Answer> choose(
      Want want, List<Variant> all, Map<String, Coverage> coverage, Analysis analysis) {
    Map<Variant, Double> ratios = new LinkedHashMap<>();
    for (Variant variant : all) {
      Coverage known = coverage.get(variant.name());
      if (known != null && want.isGivenBy(variant, known, analysis)) {
        analysis
            .against(want.decides(), variant.name(), variant.baseline())
            .flatMap(Comparison::ratio)
            .map(Bootstrap.Interval::estimate)
            .ifPresent(ratio -> ratios.put(variant, ratio));
      }
    }
    Optional<Variant> best = ratios.keySet().stream().min(Comparator.comparing(ratios::get));
    return best.map(
        take ->
            new Answer(
                List.of(want),
                take,
                Map.of(
                    want.decides(),
                    alike(take, List.copyOf(ratios.keySet()), want.decides(), analysis))));
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
                    : overlap(ratio(take, decides, analysis), ratio(other, decides, analysis)))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static Bootstrap.Interval ratio(Variant variant, Measure measure, Analysis analysis) {
    return analysis
        .against(measure, variant.name(), variant.baseline())
        .flatMap(Comparison::ratio)
        .orElseThrow();
  }

  private static boolean overlap(Bootstrap.Interval one, Bootstrap.Interval other) {
    return one.low() <= other.high() && other.low() <= one.high();
  }

  /** Returns the wants as the end of a sentence that begins with "If you want". */
  String text() {
    return String.join("; or ", wants.stream().map(Want::text).toList());
  }
}
