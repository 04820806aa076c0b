package lapalma.compare.cli;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import lapalma.compare.LabException;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.report.Report;
import lapalma.compare.result.Results;
import lapalma.compare.run.Planner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "run",
    description = "Measures variants; continues the run that was stopped in the folder.")
final class RunCommand implements Callable<Integer> {
  /**
   * So many rounds find 25 % more CPU per request in most runs of six rows, at the noise of the
   * published runs: PublishedNoiseTest.
   */
  static final int ROUNDS = 12;

  private static final int QUICK_ROUNDS = 5;

  /** The rows of a table, in the order in which they are chosen: the first that run here. */
  private static final List<String> REQUESTS =
      List.of("lapalma-agent", "otel", "lapalma-agent-sampled-10", "datadog", "by-hand", "splunk");

  private static final int MOST = 5;
  private static final int QUICK_ROWS = 2;

  private static final List<String> STARTS =
      List.of(
          "lapalma-agent",
          "otel",
          "datadog",
          "elastic",
          "splunk",
          "bare-fast-start",
          "lapalma-agent-fast-start",
          "otel-fast-start",
          "datadog-fast-start",
          "bare-cache",
          "lapalma-agent-sealed");

  @ParentCommand private Compare lab;
  @Mixin private Session session;
  @Mixin private Target target;

  @Option(
      names = "--variant",
      paramLabel = "NAME",
      description =
          "Variants, one for each option or with commas (default: no agent and five others)",
      split = ",")
  private List<String> names = List.of();

  @Option(names = "--rounds", description = "Number of rounds (default: 12)")
  private Optional<Integer> rounds;

  @Option(names = "--smoke", description = "Measures briefly, which shows only that the lab works")
  private boolean smoke;

  @Option(
      names = "--quick",
      description =
          "Measures in less than half an hour, in five rounds, no agent and two variants (default:"
              + " lapalma-agent, and OpenTelemetry with its defaults)")
  private boolean quick;

  @Option(
      names = "--starts",
      description = "Measures only the start: of stock agents, and of those with fast-start.args")
  private boolean starts;

  @Option(names = "--seed", description = "Seed of the order in each round (default: the time)")
  private Optional<Long> seed;

  @Override
  public Integer call() {
    Instant end = session.end(lab.clock());
    Session.requireRounds(rounds);
    if (Stream.of(quick, smoke, starts).filter(given -> given).count() > 1) {
      throw new LabException("Give one of --quick, --smoke and --starts.");
    }
    LoadProfile profile =
        smoke ? LoadProfile.SMOKE : starts ? LoadProfile.STARTS : LoadProfile.FULL;
    Planner planner = target.planner(lab);
    session.requireSamePlan(
        plan ->
            target.matches(plan, lab)
                && (names.isEmpty() || planner.measures(plan, names))
                && plan.rounds() == rounds.orElse(quick ? QUICK_ROUNDS : plan.rounds())
                && ((!smoke && !starts) || plan.loadProfile().equals(profile))
                && plan.seed() == seed.orElse(plan.seed()));
    int chosenRounds = rounds.orElse(quick ? QUICK_ROUNDS : ROUNDS);
    long chosenSeed = seed.orElseGet(() -> Instant.now().getEpochSecond());
    boolean complete =
        lab.runner(
                session.folder(),
                () -> planner.plan(chosen(planner), chosenRounds, profile, chosenSeed))
            .run(end);
    Results results = Results.read(session.out());
    if (!results.trials().isEmpty()) {
      System.out.println(Report.of(List.of(results)).text());
    }
    return Compare.exitCode(complete);
  }

  private List<String> chosen(Planner planner) {
    if (!names.isEmpty()) {
      return names;
    }
    return starts ? planner.firstThatRun(STARTS, STARTS.size()) : rows(planner, quick);
  }

  /** Returns the variants that a run measures by default. */
  static List<String> rows(Planner planner, boolean quick) {
    return planner.firstThatRun(REQUESTS, quick ? QUICK_ROWS : MOST);
  }
}
