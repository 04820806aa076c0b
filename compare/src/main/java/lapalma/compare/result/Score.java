package lapalma.compare.result;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * The Instrumentation Score of what a variant sends over OTLP, and the names that it uses against
 * the semantic conventions.
 *
 * @param specification the version of the rules
 * @param conventions the version of the semantic conventions
 * @param rules each rule of the specification; empty where nothing can be judged
 * @param names the names that the conventions do not know, deprecate, or use elsewhere
 * @param notJudged the reason why nothing can be judged, or empty
 */
public record Score(
    String variant,
    Instant at,
    String specification,
    String conventions,
    List<Verdict> rules,
    List<Name> names,
    String notJudged) {

  /** How much a rule counts, by the specification. */
  public enum Impact {
    CRITICAL(40),
    IMPORTANT(30),
    NORMAL(20),
    LOW(10);

    private final int weight;

    Impact(int weight) {
      this.weight = weight;
    }
  }

  public enum Outcome {
    PASSED,
    FAILED,
    NOT_JUDGED
  }

  /**
   * The result of one rule.
   *
   * @param source the address of the rule's text
   * @param text what was seen, or the reason why the rule could not be judged
   * @param judged the number of spans, metrics, records or resources that the rule was applied to
   * @param failing the number of those that fail
   * @param examples of those that fail
   */
  public record Verdict(
      String id,
      Impact impact,
      String title,
      String source,
      Outcome outcome,
      String text,
      long judged,
      long failing,
      List<String> examples) {}

  /** What is wrong with a name. */
  public enum Trouble {
    UNKNOWN,
    DEPRECATED,
    MISPLACED,
    /** The unit of a metric is not that of the conventions. */
    OTHER_UNIT
  }

  /**
   * A name of an attribute or metric that the conventions do not have in that place.
   *
   * @param place where it stands: resource, span, metric or log for an attribute; "metric name"
   * @param count the number of resources, spans, data points or records that have the attribute, or
   *     of metrics, as often as they were sent, that have the name and the unit
   * @param note what the conventions say, or empty
   */
  public record Name(Trouble trouble, String place, String name, long count, String note) {}

  /** Returns the score of a variant that sends nothing that can be judged. */
  public static Score notJudged(String variant, Instant at, String why) {
    return new Score(variant, at, "", "", List.of(), List.of(), why);
  }

  /**
   * Returns the score by the specification's formula, from 0 to 100, over the rules that were
   * judged.
   */
  public OptionalDouble value() {
    long all = weight(Outcome.PASSED, Outcome.FAILED);
    return all == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(100.0 * weight(Outcome.PASSED) / all);
  }

  private long weight(Outcome... outcomes) {
    return rules.stream()
        .filter(rule -> Arrays.asList(outcomes).contains(rule.outcome()))
        .mapToLong(rule -> rule.impact().weight)
        .sum();
  }

  public List<Verdict> with(Outcome outcome) {
    return rules.stream().filter(rule -> rule.outcome() == outcome).toList();
  }

  public boolean isComplete() {
    return !rules.isEmpty() && with(Outcome.NOT_JUDGED).isEmpty();
  }

  public long count(Trouble trouble) {
    return names.stream().filter(name -> name.trouble() == trouble).count();
  }

  /** Returns the score, its category and its completeness in words. */
  public String summary() {
    if (value().isEmpty()) {
      return "not judged: " + notJudged;
    }
    double value = value().getAsDouble();
    return "%s, %s%s"
        .formatted(
            String.format(Locale.ROOT, "%.1f", value),
            category(value),
            isComplete()
                ? ""
                : "; incomplete, %d of %d rules judged"
                    .formatted(rules.size() - with(Outcome.NOT_JUDGED).size(), rules.size()));
  }

  private static String category(double value) {
    return value >= 90
        ? "excellent"
        : value >= 75 ? "good" : value >= 50 ? "needs improvement" : "poor";
  }
}
