package lapalma.compare.cli;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import lapalma.compare.LabException;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.result.Measure;
import lapalma.compare.stats.AaTest;
import lapalma.compare.stats.Bootstrap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "aa",
    description =
        "Checks the lab: two variants without an agent must not differ. Exits with 1 if they do.")
final class AaCommand implements Callable<Integer> {
  @ParentCommand private Compare lab;
  @Mixin private Session session;

  @Option(names = "--repeats", description = "Number of repeats (default: 20)", defaultValue = "20")
  private int repeats;

  @Option(
      names = "--rounds",
      description = "Rounds of each repeat (default: 10)",
      defaultValue = "10")
  private int rounds;

  @Override
  public Integer call() {
    Instant end = session.end(lab.clock());
    if (rounds < Bootstrap.LEAST_ROUNDS || repeats < 1) {
      throw new LabException(
          "Use %d or more for --rounds and 1 or more for --repeats."
              .formatted(Bootstrap.LEAST_ROUNDS));
    }
    session
        .folder()
        .plan()
        .filter(plan -> plan.rounds() != repeats * rounds)
        .ifPresent(
            plan -> {
              throw new LabException(
                  "%s holds %d rounds: give the --repeats and --rounds with which it was begun."
                      .formatted(session.out(), plan.rounds()));
            });
    long seed = Instant.now().getEpochSecond();
    boolean complete =
        lab.runner(
                session.folder(),
                () ->
                    lab.planner()
                        .plan(
                            List.of("bare", "bare-again"),
                            repeats * rounds,
                            LoadProfile.SHORT,
                            seed))
            .measure(end);
    return complete ? judge() : Compare.INCOMPLETE;
  }

  private int judge() {
    Map<Measure, AaTest.Score> scores =
        AaTest.score(Compare.analysis(session.out()), "bare-again", "bare", rounds);
    if (scores.isEmpty()) {
      throw new LabException("%s holds no run of bare-again.".formatted(session.out()));
    }
    scores.forEach(
        (measure, score) ->
            System.out.printf(
                "%-28s %d of %d intervals contain 1%s%n",
                measure.title(),
                score.contained(),
                score.repeats(),
                score.passes() ? "" : score.mayBeChance() ? ": few, by chance?" : ": too few"));
    AaTest.Score all = AaTest.together(scores.values());
    boolean passes = all.passes() && scores.values().stream().allMatch(AaTest.Score::mayBeChance);
    System.out.printf(
        "All: %d of %d, %s%n",
        all.contained(),
        all.repeats(),
        passes ? "as it should be" : "too few, or too few of one measure");
    return passes ? 0 : 1;
  }
}
