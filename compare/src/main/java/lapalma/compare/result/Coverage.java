package lapalma.compare.result;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lapalma.compare.LabException;

/**
 * What arrived of the same scripted requests.
 *
 * @param findings by aspect
 * @param metrics names of all that arrived, or were served
 */
public record Coverage(
    String variant, Instant at, Map<Aspect, Finding> findings, Set<String> metrics) {

  /** A question, and what its answer is counted in. */
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
    OUTAGE("outage", "Requests lost in an outage");

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

    @JsonCreator
    static Aspect of(String id) {
      for (Aspect aspect : values()) {
        if (aspect.id.equals(id)) {
          return aspect;
        }
      }
      throw new LabException("There is no aspect '%s'.".formatted(id));
    }
  }

  /** Whether that is what one would want. */
  public enum Grade {
    GOOD,
    PARTLY,
    NONE,
    NOT_MEASURED
  }

  /**
   * @param text short: a count and perhaps its unit, names, or why there is none
   */
  public record Finding(Grade grade, String text) {
    private static final Pattern COUNT = Pattern.compile("(\\d+).*");

    /** Returns the count that the text begins with; files of results hold it nowhere else. */
    public OptionalDouble count() {
      Matcher count = COUNT.matcher(text);
      return count.matches()
          ? OptionalDouble.of(Double.parseDouble(count.group(1)))
          : OptionalDouble.empty();
    }

    public static Finding none() {
      return new Finding(Grade.NONE, "none");
    }

    public static Finding notMeasured(String why) {
      return new Finding(Grade.NOT_MEASURED, why);
    }

    /** So many of so many: all is good, none is none. */
    public static Finding of(long found, long all) {
      return new Finding(
          found >= all ? Grade.GOOD : found > 0 ? Grade.PARTLY : Grade.NONE,
          "%d of %d".formatted(found, all));
    }

    /** So many, where one would do. */
    public static Finding some(long found, String text) {
      return found == 0 ? none() : new Finding(Grade.GOOD, text);
    }
  }
}
