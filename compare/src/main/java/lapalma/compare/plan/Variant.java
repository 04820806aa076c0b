package lapalma.compare.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One way to run the app: what is attached to it, and how.
 *
 * @param name the file's name without its ending
 * @param title what the report calls it
 * @param app which program runs
 * @param jdk the major version of the JDK that runs it, or 0 for the lab's own
 * @param baseline the variant to compare it with; its own name where it is a baseline
 * @param attachment what is attached to the app
 * @param telemetry what it emits
 * @param note what a reader of its results must know
 * @param cannotRun the reason why it cannot run, or empty
 */
public record Variant(
    String name,
    String title,
    App app,
    int jdk,
    String baseline,
    // In a plan, the properties of both stand beside the others.
    @JsonUnwrapped Attachment attachment,
    @JsonUnwrapped Telemetry telemetry,
    String note,
    String cannotRun) {
  private static final Pattern SAMPLED = Pattern.compile("OTEL_TRACES_SAMPLER_ARG=([0-9.]+)");

  /**
   * What is attached to the app.
   *
   * @param agent Maven coordinates of the agent's jar, or empty
   * @param sha256 of that jar
   * @param released the day of that version, or its month
   * @param size the attached files, where that is not the agent's jar
   * @param jvm arguments of the JVM, with placeholders
   * @param environment variables, with placeholders
   */
  public record Attachment(
      String agent,
      String sha256,
      String released,
      List<String> size,
      List<String> jvm,
      Map<String, String> environment) {
    public Attachment {
      released = Objects.requireNonNullElse(released, ""); // runs of earlier builds have none
    }
  }

  /**
   * The telemetry that the attached agent emits.
   *
   * @param protocol of its exporter
   * @param scrape the path at which it serves metrics on its own port, or empty
   * @param claims the signals that its documentation says it emits
   */
  public record Telemetry(
      @JsonProperty("sink") Protocol protocol, String scrape, List<Signal> claims) {}

  public enum Signal {
    SPANS,
    METRICS,
    LOGS,
    PROFILES
  }

  /** Returns the share of requests that the variant samples, as far as its variables tell. */
  public double sampled() {
    Matcher rate = SAMPLED.matcher(attachment.environment().toString());
    return rate.find() ? Double.parseDouble(rate.group(1)) : 1;
  }

  public boolean claims(Signal signal) {
    return telemetry.claims().contains(signal);
  }

  public boolean runs() {
    return cannotRun.isEmpty();
  }

  /** Returns this variant with another app. */
  public Variant of(App other) {
    return with(other, jdk);
  }

  /** Returns this variant on the JDK of a major version. */
  public Variant onJdk(int version) {
    return with(app, version);
  }

  private Variant with(App other, int version) {
    return new Variant(
        name, title, other, version, baseline, attachment, telemetry, note, cannotRun);
  }

  public boolean isBaseline() {
    return baseline.equals(name);
  }
}
