package lapalma.compare.cli;

import java.util.Optional;
import lapalma.compare.LabException;
import lapalma.compare.plan.Plan;
import lapalma.compare.run.Planner;
import picocli.CommandLine.Option;

/** The options that say what is measured, beside the variants. */
final class Target {
  private static final String DICE = "dice";

  /** The JDK version of a variant that runs on the JDK of the lab. */
  private static final int OF_THE_LAB = 0;

  @Option(
      names = "--app",
      paramLabel = "FILE",
      description = "App to measure: a file, or the name of one in compare/apps (default: dice)")
  private Optional<String> app;

  @Option(
      names = "--jdk",
      paramLabel = "N",
      description = "Major version for variants that name none (default: the JDK of the lab)")
  private Optional<Integer> jdk;

  /**
   * Returns the planner of runs of the app.
   *
   * @throws LabException when there is no such app
   */
  Planner planner(Compare lab) {
    jdk.filter(version -> version < 8)
        .ifPresent(
            version -> {
              throw new LabException("--jdk is %d: use 8 or more.".formatted(version));
            });
    return new Planner(lab.project(), lab.apps().find(app.orElse(DICE)), jdk.orElse(OF_THE_LAB));
  }

  /** Returns whether a plan measures what the options name; those that are not given match all. */
  boolean matches(Plan plan, Compare lab) {
    return (app.isEmpty() || plan.app().name().equals(lab.apps().find(app.get()).name()))
        && (jdk.isEmpty()
            || (plan.variants().stream().anyMatch(variant -> variant.jdk() == jdk.get())
                && plan.variants().stream().noneMatch(variant -> variant.jdk() == OF_THE_LAB)));
  }
}
