package lapalma.compare.cli;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
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

  @ParentCommand private Compare lab;
  @Mixin private Session session;

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

  @Option(names = "--seed", description = "Seed of the order in each round (default: the time)")
  private Optional<Long> seed;

  @Override
  public Integer call() {
    Instant end = session.end(lab.clock());
    Session.requireRounds(rounds);
    Planner planner = lab.planner();
    session.requireSamePlan(
        plan ->
            (names.isEmpty() || planner.measures(plan, names))
                && plan.rounds() == rounds.orElse(plan.rounds())
                && (!smoke || plan.loadProfile().equals(LoadProfile.SMOKE))
                && plan.seed() == seed.orElse(plan.seed()));
    int chosenRounds = rounds.orElse(ROUNDS);
    long chosenSeed = seed.orElseGet(() -> Instant.now().getEpochSecond());
    LoadProfile profile = smoke ? LoadProfile.SMOKE : LoadProfile.FULL;
    return Compare.exitCode(
        lab.runner(session.folder(), () -> planner.plan(names, chosenRounds, profile, chosenSeed))
            .run(end));
  }
}
