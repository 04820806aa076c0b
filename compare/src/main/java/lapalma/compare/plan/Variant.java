package lapalma.compare.plan;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * One way to run the app: what is attached to it, and how.
 *
 * @param name the file's name without its ending
 * @param title what the report calls it
 * @param app which program runs
 * @param jdk the major version of the JDK it runs on, or 0 for the lab's own
 * @param baseline the variant that it is compared with; its own name where it is one
 * @param after the variant from which it is one step, or empty
 * @param agent Maven coordinates of the agent's jar, or empty
 * @param sha256 of that jar
 * @param size which files make up what is attached, where that is not the agent's jar
 * @param jvm arguments of the JVM, with placeholders
 * @param environment variables, with placeholders
 * @param sink what protocol its exporter speaks
 * @param scrape the path at which it serves metrics on its own port, or empty
 * @param claims which signals it says it emits
 * @param note what a reader of its row must know
 * @param byNameOnly whether it is run only where it is asked for
 * @param cannotRun why it is listed and not run, or empty
 * @param workload what it has to stand
 */
public record Variant(
    String name,
    String title,
    App app,
    int jdk,
    String baseline,
    String after,
    String agent,
    String sha256,
    List<String> size,
    List<String> jvm,
    Map<String, String> environment,
    Protocol sink,
    String scrape,
    List<Signal> claims,
    String note,
    boolean byNameOnly,
    String cannotRun,
    Workload workload) {

  public Variant {
    // Plans of before there were steps and workloads name none.
    after = after == null ? "" : after;
    workload = workload == null ? Workload.USUAL : workload;
  }

  public enum App {
    DICE,
    /** The least that gives the same answer, log line and metrics. */
    HELLO,
    /** The same with a router and as many routes as the workload says. */
    ROUTES,
    /** The same app with instrumentation written into its source. */
    BY_HAND,
    FLASK,
    FLASK_INSTRUMENTED;

    public boolean onJvm() {
      return this == DICE || this == HELLO || this == ROUTES || this == BY_HAND;
    }
  }

  public enum Signal {
    SPANS,
    METRICS,
    LOGS,
    PROFILES
  }

  public boolean runs() {
    return cannotRun.isEmpty();
  }

  /** The same variant, compared with its baseline under the same workload. */
  public Variant under(Workload.Axis axis, int level) {
    UnaryOperator<String> renamed =
        name -> "%s.%s-%04d".formatted(name, axis.name().toLowerCase(Locale.ROOT), level);
    return new Variant(
        renamed.apply(name),
        title + ": " + axis.describe(level),
        axis == Workload.Axis.ROUTES ? App.ROUTES : app,
        jdk,
        renamed.apply(baseline),
        after.isEmpty() ? "" : renamed.apply(after),
        agent,
        sha256,
        size,
        jvm,
        environment,
        sink,
        scrape,
        claims,
        note,
        byNameOnly,
        cannotRun,
        axis.at(level));
  }

  public boolean isBaseline() {
    return baseline.equals(name);
  }
}
