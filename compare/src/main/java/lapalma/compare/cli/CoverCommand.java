package lapalma.compare.cli;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.run.Planner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(name = "cover", description = "Records the telemetry of variants, and measures no cost.")
final class CoverCommand implements Callable<Integer> {
  @ParentCommand private Compare lab;
  @Mixin private Session session;
  @Mixin private Target target;

  @Option(
      names = "--variant",
      description = "Variants, with commas (default: those of run)",
      split = ",")
  private List<String> names = List.of();

  @Override
  public Integer call() {
    Instant end = session.end(lab.clock());
    Planner planner = target.planner(lab);
    session.requireSamePlan(
        plan -> target.matches(plan, lab) && (names.isEmpty() || planner.measures(plan, names)));
    return Compare.exitCode(
        lab.runner(
                session.folder(),
                () ->
                    planner.plan(
                        names.isEmpty() ? RunCommand.rows(planner, false) : names,
                        1,
                        LoadProfile.STARTS,
                        0))
            .cover(end));
  }
}
