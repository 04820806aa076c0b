package lapalma.compare.report;

import java.util.function.BiPredicate;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Coverage;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Coverage.Grade;
import lapalma.compare.result.Measure;
import lapalma.compare.stats.Analysis;

/**
 * What a reader may want of an agent, and by which measure to choose among those that give it. Only
 * {@link #CODE} takes a change to the code.
 */
enum Want {
  EVERY_REQUEST(
      "every request traced",
      Measure.CPU_SATURATED,
      (variant, coverage) ->
          !changesCode(variant) && is(Grade.GOOD, coverage, Aspect.SERVER_SPANS)),
  METHODS(
      "routes, and spans of your own methods",
      Measure.CPU_SATURATED,
      (variant, coverage) ->
          !changesCode(variant)
              && is(Grade.GOOD, coverage, Aspect.ROUTE)
              && is(Grade.GOOD, coverage, Aspect.METHOD)),
  CALLS(
      "traces that go on in the services that you call",
      Measure.CPU_SATURATED,
      (variant, coverage) ->
          !changesCode(variant)
              && is(Grade.GOOD, coverage, Aspect.SERVER_SPANS)
              && is(Grade.GOOD, coverage, Aspect.OUTGOING)),
  START(
      "traces and a short start",
      Measure.START,
      (variant, coverage) ->
          !changesCode(variant) && is(Grade.GOOD, coverage, Aspect.SERVER_SPANS)),
  SAMPLE(
      "traces of a sample, and metrics of every request",
      Measure.CPU_SATURATED,
      (variant, coverage) ->
          !changesCode(variant)
              && is(Grade.PARTLY, coverage, Aspect.SERVER_SPANS)
              && is(Grade.GOOD, coverage, Aspect.HTTP_METRICS)) {

    /** Of a few requests, chance decides whether one is sampled; under load it does not. */
    @Override
    boolean isGivenBy(Variant variant, Coverage coverage, Analysis analysis) {
      return super.isGivenBy(variant, coverage, analysis)
          && analysis.median(Measure.EXPORTED, variant.name()).orElse(0.0) >= LEAST_EXPORTED_BYTES;
    }
  },
  CODE(
      "traces, by code of your own",
      Measure.CPU_SATURATED,
      (variant, coverage) -> changesCode(variant) && is(Grade.GOOD, coverage, Aspect.SERVER_SPANS)),
  METRICS(
      "metrics of the JVM only",
      Measure.CPU_SATURATED,
      (variant, coverage) ->
          !changesCode(variant)
              && is(Grade.NONE, coverage, Aspect.SERVER_SPANS)
              && is(Grade.GOOD, coverage, Aspect.JVM_METRICS));

  /**
   * In bytes per request. A span takes at least 200 bytes, and a variant that samples 1 % of the
   * requests sends at least 2. One that samples none sends less than 1.
   */
  private static final double LEAST_EXPORTED_BYTES = 2;

  private final String text;
  private final Measure decides;
  private final BiPredicate<Variant, Coverage> given;

  Want(String text, Measure decides, BiPredicate<Variant, Coverage> given) {
    this.text = text;
    this.decides = decides;
    this.given = given;
  }

  /** Returns the end of a sentence that begins with "If you want". */
  String text() {
    return text;
  }

  Measure decides() {
    return decides;
  }

  boolean isGivenBy(Variant variant, Coverage coverage, Analysis analysis) {
    return given.test(variant, coverage);
  }

  private static boolean changesCode(Variant variant) {
    return variant.app().name().equals("by-hand");
  }

  private static boolean is(Grade grade, Coverage coverage, Aspect aspect) {
    return coverage.findings().containsKey(aspect)
        && coverage.findings().get(aspect).grade() == grade;
  }
}
