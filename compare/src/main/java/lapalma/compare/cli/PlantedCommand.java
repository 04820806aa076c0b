package lapalma.compare.cli;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import lapalma.compare.LabException;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.plan.Plan;
import lapalma.compare.report.Figures;
import lapalma.compare.result.Measure;
import lapalma.compare.result.RunFolder;
import lapalma.compare.run.Planner;
import lapalma.compare.stats.Analysis;
import lapalma.compare.stats.Comparison;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "planted",
    description =
        "Checks the lab: it must find a CPU burn of known size. Exits with 1 if it does not.")
final class PlantedCommand implements Callable<Integer> {
  private static final double PERCENT = 5;
  private static final int ROUNDS = 10;
  private static final int PILOT_ROUNDS = 3;

  @ParentCommand private Compare lab;
  @Mixin private Session session;

  @Option(
      names = "--percent",
      description = "Burn in percent of the CPU time per request at saturation (default: 5)")
  private Optional<Double> percent;

  @Option(names = "--rounds", description = "Number of rounds (default: 10)")
  private Optional<Integer> rounds;

  @Override
  public Integer call() {
    Instant end = session.end(lab.clock());
    Session.requireRounds(rounds);
    // The plan holds the burn in nanoseconds, not as a percentage.
    session.requireSamePlan(
        plan -> percent.isEmpty() && plan.rounds() == rounds.orElse(plan.rounds()));
    int chosenRounds = rounds.orElse(ROUNDS);
    long seed = Instant.now().getEpochSecond();
    Planner planner = lab.planner();
    var pilot = new RunFolder(session.folder().path().resolve("pilot"));
    if (session.folder().plan().isEmpty()) {
      System.out.println("First, the cost of a request without the burn.");
      boolean known =
          lab.runner(
                  pilot,
                  () -> planner.plan(List.of("bare"), PILOT_ROUNDS, LoadProfile.STEADY, seed))
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

  private Plan plan(Planner planner, Path pilot, int chosenRounds, long seed) {
    return planner
        .plan(List.of("bare", "planted"), chosenRounds, LoadProfile.STEADY, seed)
        .withBurn(burnNanos(pilot, percent.orElse(PERCENT)));
  }

  /**
   * Returns the nanoseconds of CPU that each request burns.
   *
   * @param pilot the run that measured the app without a burn
   */
  private static long burnNanos(Path pilot, double percent) {
    double micros =
        Compare.analysis(pilot)
            .median(Measure.CPU_SATURATED, "bare")
            .orElseThrow(() -> new LabException("The app without a burn could not be measured."));
    long burn = Math.round(micros * 1000 * percent / 100);
    System.out.printf("A request costs %.1f µs of CPU; %d ns are burnt.%n", micros, burn);
    return burn;
  }

  private int judge() {
    Analysis analysis = Compare.analysis(session.out());
    Comparison found =
        analysis
            .against(Measure.CPU_SATURATED, "planted", "bare")
            .orElseThrow(() -> new LabException("No round has both variants."));
    double planted = 1 + analysis.plan().burnNanos() / 1000.0 / found.baselineMedian();
    boolean isFound =
        found.verdict() == Comparison.Verdict.MORE
            && found.ratio().filter(ratio -> ratio.contains(planted)).isPresent();
    System.out.printf(
        "%s: planted ×%.3f, measured %s, p %.3f, %s%n",
        found.measure().title(),
        planted,
        found.ratio().map(Figures::ratio).orElse("no interval"),
        found.p(),
        isFound ? "found" : "not found");
    return isFound ? 0 : 1;
  }
}
