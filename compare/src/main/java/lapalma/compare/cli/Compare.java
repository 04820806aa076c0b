package lapalma.compare.cli;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import java.util.function.Supplier;
import lapalma.compare.LabException;
import lapalma.compare.host.Project;
import lapalma.compare.plan.App;
import lapalma.compare.plan.Apps;
import lapalma.compare.plan.Plan;
import lapalma.compare.plan.Variants;
import lapalma.compare.report.Report;
import lapalma.compare.result.RunFolder;
import lapalma.compare.run.Planner;
import lapalma.compare.run.Runner;
import lapalma.compare.stats.Analysis;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The program of the lab, and what its commands share. */
@Command(
    name = "compare",
    description = "Measures what zero-code instrumentation of an app costs, and what it reports.",
    mixinStandardHelpOptions = true,
    versionProvider = Compare.Version.class,
    scope = CommandLine.ScopeType.INHERIT,
    subcommands = {
      CheckCommand.class,
      CoverCommand.class,
      ListCommand.class,
      PublishCommand.class,
      ReportCommand.class,
      RunCommand.class,
      ScoreCommand.class
    })
final class Compare {
  /** The exit code of a run that has not measured everything yet. */
  static final int INCOMPLETE = 3;

  @Option(
      names = "--root",
      description = "The repository's folder (default: the working directory)",
      defaultValue = "",
      scope = CommandLine.ScopeType.INHERIT)
  private Path root;

  private final Clock clock;

  /** Names the version of the build. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String built = Compare.class.getPackage().getImplementationVersion();
      return new String[] {
        "compare %s, results.json of schema %d"
            .formatted(built == null ? "of an IDE" : built, Report.SCHEMA)
      };
    }
  }

  private Compare(Clock clock) {
    this.clock = clock;
  }

  public static void main(String[] args) {
    // A figure looks the same on every machine.
    Locale.setDefault(Locale.ROOT);
    System.exit(commandLine(Clock.systemUTC()).execute(args));
  }

  /**
   * Returns the program's command line.
   *
   * @param clock decides when a session is over
   */
  static CommandLine commandLine(Clock clock) {
    return new CommandLine(new Compare(clock))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(
            (failure, line, result) -> {
              if (failure instanceof LabException) {
                line.getErr().println(failure.getMessage());
                return 1;
              }
              throw failure;
            })
        .setParameterExceptionHandler(
            (failure, args) -> {
              failure.getCommandLine().getErr().println(failure.getMessage());
              return 2;
            });
  }

  Clock clock() {
    return clock;
  }

  Project project() {
    return new Project(root.toAbsolutePath().normalize());
  }

  Apps apps() {
    return new Apps(project().root());
  }

  Variants variants(App app) {
    return Variants.read(project().variants(), apps(), app);
  }

  /** Returns the planner of runs of dice. */
  Planner planner() {
    return new Planner(project(), apps().get("dice"), 0);
  }

  /**
   * Begins a session of the run that the folder holds.
   *
   * @param newPlan makes the plan if the folder has none yet
   */
  Runner runner(RunFolder folder, Supplier<Plan> newPlan) {
    return new Runner(project(), folder, folder.plan().orElseGet(newPlan), System.out, clock);
  }

  static int exitCode(boolean complete) {
    return complete ? 0 : INCOMPLETE;
  }

  static Analysis analysis(Path path) {
    var folder = RunFolder.existing(path);
    return new Analysis(folder.plan().orElseThrow(), folder.trials());
  }
}
