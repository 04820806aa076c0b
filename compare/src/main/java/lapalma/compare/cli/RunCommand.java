package lapalma.compare.cli;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import lapalma.compare.LabException;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.run.Planner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "run",
    description = "Measures variants; continues the run that was stopped in the folder.")
final class RunCommand implements Callable<Integer> {
  private static final int ROUNDS = 10;

  /**
   * The fewest rounds that can show a significant difference of two variants from none, among all
   * measures.
   */
  private static final int QUICK_ROUNDS = 7;

  /** The variants of a quick run: the first two that run with the app. */
  private static final List<String> QUICK =
      List.of("otel", "otel-agent-config", "otel-agent-config-upstream", "datadog");

  @ParentCommand private Compare lab;
  @Mixin private Session session;
  @Mixin private Target target;

  @Option(
      names = "--variant",
      paramLabel = "NAME",
      description = "Variants, one for each option or with commas (default: all)",
      split = ",")
  private List<String> names = List.of();

  @Option(names = "--rounds", description = "Number of rounds (default: 10)")
  private Optional<Integer> rounds;

  @Option(names = "--smoke", description = "Measures briefly, which shows only that the lab works")
  private boolean smoke;

  @Option(
      names = "--quick",
      description =
          "Measures in ten minutes, with wide intervals, no agent and two variants (default:"
              + " OpenTelemetry with its defaults, and agent-config)")
  private boolean quick;

  @Option(names = "--seed", description = "Seed of the order in each round (default: the time)")
  private Optional<Long> seed;

  @Override
  public Integer call() {
    Instant end = session.end(lab.clock());
    Session.requireRounds(rounds);
    if (quick && smoke) {
      throw new LabException("Give --quick or --smoke, not both.");
    }
    Planner planner = target.planner(lab);
    List<String> chosen = quick && names.isEmpty() ? planner.firstThatRun(QUICK, 2) : names;
    session.requireSamePlan(
        plan ->
            target.matches(plan, lab)
                && (names.isEmpty() || planner.measures(plan, names))
                && plan.rounds() == rounds.orElse(plan.rounds())
                && (!smoke || plan.loadProfile().equals(LoadProfile.SMOKE))
                && (!quick || plan.loadProfile().equals(LoadProfile.QUICK))
                && plan.seed() == seed.orElse(plan.seed()));
    int chosenRounds = rounds.orElse(quick ? QUICK_ROUNDS : ROUNDS);
    long chosenSeed = seed.orElseGet(() -> Instant.now().getEpochSecond());
    LoadProfile profile = smoke ? LoadProfile.SMOKE : quick ? LoadProfile.QUICK : LoadProfile.FULL;
    return Compare.exitCode(
        lab.runner(session.folder(), () -> planner.plan(chosen, chosenRounds, profile, chosenSeed))
            .run(end));
  }
}
