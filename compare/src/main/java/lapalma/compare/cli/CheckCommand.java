package lapalma.compare.cli;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import lapalma.compare.LabException;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.plan.Plan;
import lapalma.compare.result.Measure;
import lapalma.compare.result.RunFolder;
import lapalma.compare.run.Planner;
import lapalma.compare.stats.Analysis;
import lapalma.compare.stats.Cost;
import lapalma.compare.stats.Ratio.Verdict;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "check",
    description =
        "Checks the lab: it must call no difference between the app and itself, and find a CPU burn of 25 %% of a request. Exits with 1 if it does not.")
final class CheckCommand implements Callable<Integer> {
  private static final double PLANTED = 0.25;
  private static final int PILOT_ROUNDS = 3;

  @ParentCommand private Compare lab;
  @Mixin private Session session;

  @Option(names = "--rounds", description = "Number of rounds (default: 12)")
  private Optional<Integer> rounds;

  @Override
  public Integer call() {
    Instant end = session.end(lab.clock());
    Session.requireRounds(rounds);
    session.requireSamePlan(plan -> plan.rounds() == rounds.orElse(plan.rounds()));
    int chosenRounds = rounds.orElse(RunCommand.ROUNDS);
    long seed = Instant.now().getEpochSecond();
    Planner planner = lab.planner();
    var pilot = new RunFolder(session.folder().path().resolve("pilot"));
    if (session.folder().plan().isEmpty()) {
      System.out.println("First, the cost of a request without the burn.");
      boolean known =
          lab.runner(
                  pilot, () -> planner.plan(List.of("bare"), PILOT_ROUNDS, LoadProfile.FULL, seed))
              .measure(end);
      if (!known) {
        return Compare.INCOMPLETE;
      }
    }
    boolean complete =
        lab.runner(session.folder(), () -> plan(planner, pilot.path(), chosenRounds, seed))
            .measure(end);
    return complete ? judge() : Compare.INCOMPLETE;
  }

  private static Plan plan(Planner planner, Path pilot, int rounds, long seed) {
    double micros =
        Compare.analysis(pilot)
            .cost(Measure.CPU, "bare")
            .value()
            .orElseThrow(() -> new LabException("The app without a burn could not be measured."));
    long burn = Math.round(micros * 1000 * PLANTED);
    System.out.printf("A request costs %.1f µs of CPU; %d ns are burnt.%n", micros, burn);
    return planner
        .plan(List.of("bare", "bare-again", "planted"), rounds, LoadProfile.FULL, seed)
        .withBurn(burn);
  }

  private int judge() {
    Analysis analysis = Compare.analysis(session.out());
    boolean quiet = true;
    for (Measure measure : Measure.DECIDING) {
      Verdict verdict = verdict(analysis.cost(measure, "bare-again"));
      System.out.printf("No agent, again: %s, %s%n", measure.title(), verdict);
      quiet &= verdict != Verdict.MORE && verdict != Verdict.LESS;
    }
    Verdict planted = verdict(analysis.cost(Measure.CPU, "planted"));
    System.out.printf("Planted burn: %s, %s%n", Measure.CPU.title(), planted);
    return quiet && planted == Verdict.MORE ? 0 : 1;
  }

  private static Verdict verdict(Cost cost) {
    return cost.verdict()
        .orElseThrow(() -> new LabException("The rounds give no interval: measure two or more."));
  }
}
