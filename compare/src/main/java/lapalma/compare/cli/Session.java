package lapalma.compare.cli;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;
import lapalma.compare.LabException;
import lapalma.compare.plan.Plan;
import lapalma.compare.result.RunFolder;
import picocli.CommandLine.Option;

/** The options of one session of a run. A run may take several sessions. */
final class Session {
  @Option(names = "--out", paramLabel = "DIR", description = "The run's folder", required = true)
  private Path out;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "Limit of the session, which still ends the trial under way (default: none)")
  private Optional<Integer> minutes;

  /** Returns the folder as it was typed. */
  Path out() {
    return out;
  }

  RunFolder folder() {
    return new RunFolder(out.toAbsolutePath());
  }

  /**
   * Returns the instant after which the session begins no trial.
   *
   * @throws LabException when the session is shorter than a minute
   */
  Instant end(Clock clock) {
    requireOneOrMore("--minutes", minutes);
    return minutes
        .map(given -> clock.instant().plus(Duration.ofMinutes(given)))
        .orElse(Instant.MAX);
  }

  /**
   * Checks that the options of a command do not contradict the plan that the folder holds.
   *
   * @param same tells whether the options ask for what the plan holds
   * @throws LabException when they ask for another run
   */
  void requireSamePlan(Predicate<Plan> same) {
    if (!folder().plan().map(same::test).orElse(true)) {
      throw new LabException(
          "%s holds another run: give only --out to continue it, or give another folder."
              .formatted(out));
    }
  }

  static void requireRounds(Optional<Integer> rounds) {
    requireOneOrMore("--rounds", rounds);
  }

  private static void requireOneOrMore(String option, Optional<Integer> number) {
    number
        .filter(given -> given < 1)
        .ifPresent(
            given -> {
              throw new LabException("%s is %d: use 1 or more.".formatted(option, given));
            });
  }
}
