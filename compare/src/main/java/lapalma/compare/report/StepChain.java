package lapalma.compare.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import lapalma.compare.plan.Variant;

/** Finds rows of variants in which each variant is one step from the one before it. */
final class StepChain {
  private StepChain() {}

  /**
   * Returns the longest row of steps, the first variant first.
   *
   * @return empty for fewer than two steps, which the plot of each measure shows too
   */
  static List<Variant> longest(List<Variant> variants) {
    Map<String, Variant> byName =
        variants.stream().collect(Collectors.toMap(Variant::name, Function.identity()));
    List<Variant> longest = List.of();
    for (Variant last : variants) {
      List<Variant> steps = new ArrayList<>();
      for (Variant step = last; step != null; step = byName.get(step.after())) {
        steps.add(0, step);
      }
      if (steps.size() > Math.max(longest.size(), 2)) {
        longest = steps;
      }
    }
    return longest;
  }
}
