package lapalma.compare.cli;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.plan.Variant;
import lapalma.compare.plan.Workload;
import lapalma.compare.run.Planner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "sweep",
    description =
        "Measures what a variant costs at several levels of the work; continues as run does.")
final class SweepCommand implements Callable<Integer> {
  /**
   * The fewest rounds in which a difference stays significant among the comparisons of all levels.
   */
  private static final int ROUNDS = 8;

  @ParentCommand private Compare lab;
  @Mixin private Session session;

  @Option(
      names = "--what",
      paramLabel = "AXIS",
      description = "What to sweep, with commas: ${COMPLETION-CANDIDATES} (default: all)",
      split = ",")
  private List<Workload.Axis> axes = List.of();

  @Option(
      names = "--variant",
      paramLabel = "NAME",
      description = "Variant to measure (default: light)")
  private Optional<String> name;

  @Option(names = "--rounds", description = "Number of rounds (default: 8)")
  private Optional<Integer> rounds;

  @Override
  public Integer call() {
    Instant end = session.end(lab.clock());
    Session.requireRounds(rounds);
    String chosenName = name.orElse("light");
    int chosenRounds = rounds.orElse(ROUNDS);
    List<Workload.Axis> chosenAxes = axes.isEmpty() ? List.of(Workload.Axis.values()) : axes;
    long seed = Instant.now().getEpochSecond();
    Function<Variant, Stream<Variant>> levels =
        variant ->
            chosenAxes.stream()
                .flatMap(
                    axis ->
                        Arrays.stream(axis.levels())
                            .mapToObj(level -> onRoutes(axis, variant).under(axis, level)));
    Planner planner = lab.planner();
    session.requireSamePlan(
        plan ->
            ((axes.isEmpty() && name.isEmpty())
                    || planner.measures(plan, List.of(chosenName), levels))
                && plan.rounds() == rounds.orElse(plan.rounds()));
    return Compare.exitCode(
        lab.runner(
                session.folder(),
                () ->
                    planner.plan(
                        List.of(chosenName), chosenRounds, LoadProfile.SWEEP, seed, levels))
            .measure(end));
  }

  /** Returns the variant on the app that has as many routes as it is told, for a sweep of them. */
  private Variant onRoutes(Workload.Axis axis, Variant variant) {
    return axis == Workload.Axis.ROUTES ? variant.of(lab.apps().get("hello")) : variant;
  }
}
