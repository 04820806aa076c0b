package lapalma.compare.result;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The telemetry of a variant for the scripted requests.
 *
 * @param findings by aspect
 * @param metrics the names of all metrics that arrived, or were served
 */
public record Coverage(
    String variant, Instant at, Map<Aspect, Finding> findings, Set<String> metrics) {

  /** Corrects what earlier builds praised: a score without spans, and spans without a request. */
  public Coverage {
    findings = new LinkedHashMap<>(findings);
    Finding spans = findings.getOrDefault(Aspect.SERVER_SPANS, Finding.none());
    Finding statuses = findings.getOrDefault(Aspect.STATUS, spans);
    if (spans.grade() == Grade.NONE) {
      Finding unjudged = Finding.notMeasured("no server span arrived");
      findings.replaceAll(
          (aspect, found) ->
              List.of(Aspect.SCORE, Aspect.CONVENTIONS).contains(aspect)
                      && found.grade() != Grade.NOT_MEASURED
                  ? unjudged
                  : found);
    } else if (spans.grade() == Grade.GOOD && statuses.grade() == Grade.NONE) {
      findings.put(
          Aspect.SERVER_SPANS,
          new Finding(
              Grade.PARTLY, spans.text() + " as calls of a method, without path or status"));
    }
  }

  /** A question about the telemetry. */
  public enum Aspect {
    SERVER_SPANS("server-spans", "Server spans of the requests"),
    NAMES("names", "Their names"),
    ROUTE("route", "With the route"),
    STATUS("status", "With the status"),
    EXCEPTION("exception", "Exception of /fail"),
    METHOD("method", "Spans of the app's own method"),
    LOG_LINES("log-lines", "Log lines with the trace id"),
    LOGS("logs", "Log records with a trace id"),
    TRACEPARENT("traceparent", "Continues traceparent"),
    B3("b3", "Continues b3"),
    OUTGOING("outgoing", "Headers added to a call"),
    HTTP_METRICS("http-metrics", "HTTP metrics"),
    JVM_METRICS("jvm-metrics", "JVM metrics"),
    ALL_METRICS("all-metrics", "Metrics in all"),
    EXEMPLARS("exemplars", "Exemplars"),
    HEALTH("health", "Health checks that made a span"),
    PROFILES("profiles", "Profiles"),
    OUTAGE("outage", "Requests lost in an outage"),
    SCORE("score", "Instrumentation Score"),
    CONVENTIONS("conventions", "Names outside the semantic conventions");

    private final String id;
    private final String title;

    Aspect(String id, String title) {
      this.id = id;
      this.title = title;
    }

    @JsonValue
    String id() {
      return id;
    }

    public String title() {
      return title;
    }
  }

  /** The grade of an answer. */
  public enum Grade {
    GOOD,
    PARTLY,
    NONE,
    NOT_MEASURED
  }

  /**
   * An answer to one question.
   *
   * @param text short: a count and perhaps its unit, names, or the reason why there are none
   */
  public record Finding(Grade grade, String text) {
    public static Finding none() {
      return new Finding(Grade.NONE, "none");
    }

    public static Finding notMeasured(String why) {
      return new Finding(Grade.NOT_MEASURED, why);
    }

    /** Grades a count: good where all were found, none where none was. */
    public static Finding of(long found, long all) {
      return new Finding(
          found >= all ? Grade.GOOD : found > 0 ? Grade.PARTLY : Grade.NONE,
          "%d of %d".formatted(found, all));
    }

    /** Grades names: good where there is one or more. */
    public static Finding named(Collection<String> names, String text) {
      return names.isEmpty() ? none() : new Finding(Grade.GOOD, text);
    }

    /** Grades a count: good where one or more was found. */
    public static Finding some(long found, String text) {
      return found == 0 ? none() : new Finding(Grade.GOOD, text);
    }

    /** Grades a score by the specification's categories: excellent, poor, and those between. */
    public static Finding score(Score score) {
      if (score.value().isEmpty()) {
        return notMeasured(score.notJudged());
      }
      double value = score.value().getAsDouble();
      return new Finding(
          value >= 90 ? Grade.GOOD : value >= 50 ? Grade.PARTLY : Grade.NONE, score.summary());
    }

    /** Grades the names of a score: good where none is deprecated, misplaced or of another unit. */
    public static Finding conventions(Score score) {
      if (score.value().isEmpty()) {
        return notMeasured(score.notJudged());
      }
      long unknown = score.count(Score.Trouble.UNKNOWN);
      long deprecated = score.count(Score.Trouble.DEPRECATED);
      long others = score.names().size() - unknown - deprecated;
      return new Finding(
          deprecated + others == 0 ? Grade.GOOD : Grade.PARTLY,
          "%d deprecated, %d misplaced or of another unit, %d unknown"
              .formatted(deprecated, others, unknown));
    }
  }
}
