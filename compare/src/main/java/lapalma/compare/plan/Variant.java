package lapalma.compare.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
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
 * @param byNameOnly whether a run measures it only where its name is given
 * @param cannotRun the reason why it cannot run, or empty
 * @param workload the work that a trial gives it
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
    boolean byNameOnly,
    String cannotRun,
    Workload workload) {
  private static final Pattern SAMPLED =
      Pattern.compile("(?:OTEL_TRACES_SAMPLER_ARG=|\\{sink}/sampling/)([0-9.]+)");

  public Variant {
    // Plans of early builds have none, and Jackson passes null for what is missing.
    workload = Objects.requireNonNullElseGet(workload, app::workload);
  }

  /**
   * What is attached to the app.
   *
   * @param agent Maven coordinates of the agent's jar, or empty
   * @param sha256 of that jar
   * @param size the attached files, where that is not the agent's jar
   * @param jvm arguments of the JVM, with placeholders
   * @param environment variables, with placeholders
   * @param config texts of agent-config's {@code otel.yaml}, and what stands there instead
   */
  public record Attachment(
      String agent,
      String sha256,
      List<String> size,
      List<String> jvm,
      Map<String, String> environment,
      Map<String, String> config) {

    public Attachment {
      // Plans of older runs have none.
      config = Objects.requireNonNullElse(config, Map.of());
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
    return with(name, title, other, jdk, baseline, other.workload());
  }

  /** Returns this variant on the JDK of a major version, compared with another baseline. */
  public Variant onJdk(int version, String comparedWith) {
    return with(name, title, app, version, comparedWith, workload);
  }

  /** Returns this variant under another workload, which its baseline then has too. */
  public Variant under(Workload.Axis axis, int level) {
    UnaryOperator<String> renamed =
        name -> "%s.%s-%04d".formatted(name, axis.name().toLowerCase(Locale.ROOT), level);
    return with(
        renamed.apply(name),
        title + ": " + axis.describe(level),
        app,
        jdk,
        renamed.apply(baseline),
        axis.at(workload, level));
  }

  private Variant with(
      String name, String title, App app, int jdk, String baseline, Workload workload) {
    return new Variant(
        name,
        title,
        app,
        jdk,
        baseline,
        attachment,
        telemetry,
        note,
        byNameOnly,
        cannotRun,
        workload);
  }

  public boolean isBaseline() {
    return baseline.equals(name);
  }
}
