package lapalma.compare.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lapalma.compare.LabException;
import lapalma.compare.app.AgentJars;
import lapalma.compare.app.AppLauncher;
import lapalma.compare.app.ClassArchives;
import lapalma.compare.backend.Certificate;
import lapalma.compare.host.CpuPinning;
import lapalma.compare.host.Jdks;
import lapalma.compare.host.Project;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.plan.Plan;
import lapalma.compare.plan.Variant;
import lapalma.compare.plan.Variants;
import lapalma.compare.plan.Workload;
import lapalma.compare.report.Report;
import lapalma.compare.report.Tables;
import lapalma.compare.result.Measure;
import lapalma.compare.result.RunFolder;
import lapalma.compare.run.Runner;
import lapalma.compare.stats.AaTest;
import lapalma.compare.stats.Analysis;
import lapalma.compare.stats.Bootstrap;
import lapalma.compare.stats.Comparison;
import lapalma.compare.stats.Diff;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command line of the lab. */
@Command(
    name = "compare",
    description = "What zero-code instrumentation of one app costs, and what it tells.",
    mixinStandardHelpOptions = true)
final class Compare {

  private static final int ROUNDS = 10;

  /** The exit code of a run that has not measured everything yet. */
  private static final int NOT_WHOLE = 3;

  /** The least that can tell differences apart among the comparisons of all levels. */
  private static final int GROWTH_ROUNDS = 8;

  @Option(
      names = "--root",
      description = "The repository's folder (default: the working directory)",
      defaultValue = "",
      scope = CommandLine.ScopeType.INHERIT)
  private Path root;

  /** Of one run, which may fit into nights and lunch breaks. */
  private static final class Session {
    @Option(names = "--out", paramLabel = "DIR", description = "The run's folder", required = true)
    Path out;

    @Option(
        names = "--minutes",
        paramLabel = "N",
        description = "Ends the sitting after the trial under way by then (default: no limit)")
    Integer minutes;

    RunFolder folder() {
      return new RunFolder(out.toAbsolutePath());
    }

    /**
     * @throws LabException when there is no minute to sit
     */
    Instant end(Clock clock) {
      if (minutes == null) {
        return Instant.MAX;
      }
      if (minutes < 1) {
        throw new LabException("--minutes is %d: use 1 or more.".formatted(minutes));
      }
      return clock.instant().plus(Duration.ofMinutes(minutes));
    }
  }

  private final Clock clock;

  private Compare(Clock clock) {
    this.clock = clock;
  }

  public static void main(String[] args) {
    // A figure looks the same on every machine.
    Locale.setDefault(Locale.ROOT);
    System.exit(commandLine(Clock.systemUTC()).execute(args));
  }

  /**
   * @param clock which tells when a sitting is over
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

  private Project project() {
    return new Project(root.toAbsolutePath().normalize());
  }

  @Command(name = "list", description = "Lists the variants, and why some do not run.")
  int list() {
    for (Variant variant : Variants.read(project().variants()).all()) {
      System.out.printf(
          "%-20s %s%s%n",
          variant.name(),
          variant.title(),
          variant.runs() ? "" : " (not run: " + variant.cannotRun() + ")");
    }
    return 0;
  }

  @Command(
      name = "run",
      description = "Measures variants; goes on where a run in the same folder was stopped.")
  int run(
      @Option(
              names = "--variant",
              paramLabel = "NAME",
              description = "Which, once for each or with commas (default: all)",
              split = ",")
          List<String> names,
      @Option(names = "--rounds", description = "How many (default: 10)") Integer rounds,
      @Option(names = "--smoke", description = "Looks briefly: shows that the lab works, no more")
          boolean smoke,
      @Option(names = "--seed", description = "Of the order in each round (default: the time)")
          Long seed,
      @Mixin Session sitting) {
    Instant end = sitting.end(clock);
    requireRounds(rounds);
    requireThatThePlanStands(
        sitting,
        plan ->
            (names == null || isOf(plan, names, Stream::of))
                && (rounds == null || rounds == plan.rounds())
                && (!smoke || plan.effort().equals(LoadProfile.SMOKE))
                && (seed == null || seed == plan.seed()));
    int chosenRounds = rounds == null ? ROUNDS : rounds;
    long chosenSeed = seed == null ? Instant.now().getEpochSecond() : seed;
    LoadProfile effort = smoke ? LoadProfile.SMOKE : LoadProfile.FULL;
    return exitCode(
        runner(sitting.out, () -> newPlan(names, chosenRounds, effort, chosenSeed)).run(end));
  }

  @Command(name = "cover", description = "Reads back what variants tell, and measures no cost.")
  int cover(
      @Option(names = "--variant", description = "Which (default: all)", split = ",")
          List<String> names,
      @Mixin Session sitting) {
    requireThatThePlanStands(sitting, plan -> names == null || isOf(plan, names, Stream::of));
    return exitCode(
        runner(sitting.out, () -> newPlan(names, 1, LoadProfile.FULL, 0))
            .cover(sitting.end(clock)));
  }

  private static int exitCode(boolean whole) {
    return whole ? 0 : NOT_WHOLE;
  }

  private static void requireRounds(Integer rounds) {
    if (rounds != null && rounds < 1) {
      throw new LabException("--rounds is %d: use 1 or more.".formatted(rounds));
    }
  }

  /**
   * @param same whether what is asked for is what the plan holds
   * @throws LabException when there is a plan of something else already
   */
  private static void requireThatThePlanStands(Session sitting, Predicate<Plan> same) {
    if (!sitting.folder().plan().map(same::test).orElse(true)) {
      throw new LabException(
          "%s holds another run, whose plan stands: give only --out to go on with it, or another folder."
              .formatted(sitting.out));
    }
  }

  private boolean isOf(Plan plan, List<String> names, Function<Variant, Stream<Variant>> each) {
    Set<String> planned = new HashSet<>(plan.left().keySet());
    plan.variants().forEach(variant -> planned.add(variant.name()));
    return planned.equals(
        chosen(names).stream().flatMap(each).map(Variant::name).collect(Collectors.toSet()));
  }

  private Runner runner(Path out, Supplier<Plan> newPlan) {
    var folder = new RunFolder(out.toAbsolutePath());
    return new Runner(project(), folder, folder.plan().orElseGet(newPlan), System.out, clock);
  }

  private Plan newPlan(List<String> names, int rounds, LoadProfile effort, long seed) {
    return newPlan(names, rounds, effort, seed, Stream::of);
  }

  /**
   * @param each what is run of a variant
   */
  private Plan newPlan(
      List<String> names,
      int rounds,
      LoadProfile effort,
      long seed,
      Function<Variant, Stream<Variant>> each) {
    List<Variant> runs = new ArrayList<>();
    Map<String, String> left = new LinkedHashMap<>();
    Map<String, Long> sizes = new LinkedHashMap<>();
    var agents = new AgentJars(project().tools());
    var launcher =
        new AppLauncher(
            project(),
            CpuPinning.of(2),
            agents,
            new ClassArchives(project(), Path.of("")),
            new Certificate(Path.of(""), null),
            0);
    for (Variant variant : chosen(names)) {
      String why = whyNot(variant);
      if (why.isEmpty()) {
        OptionalLong size = launcher.bytesOnDisk(variant);
        each.apply(variant)
            .forEach(
                one -> {
                  runs.add(one);
                  size.ifPresent(bytes -> sizes.put(one.name(), bytes));
                });
      } else {
        left.put(variant.name(), why);
      }
    }
    if (runs.isEmpty()) {
      String reasons =
          left.entrySet().stream()
              .map(one -> "%s: %s".formatted(one.getKey(), one.getValue()))
              .collect(Collectors.joining(" "));
      throw new LabException("Nothing of this can be run here. " + reasons);
    }
    return new Plan(seed, rounds, effort, runs, sizes, left, 0);
  }

  private Set<Variant> chosen(List<String> names) {
    Variants known = Variants.read(project().variants());
    Set<Variant> chosen = new LinkedHashSet<>();
    for (Variant variant : known.chosen(names)) {
      // What it is compared with has to run beside it.
      chosen.add(known.get(variant.baseline()));
      chosen.add(variant);
    }
    return chosen;
  }

  private String whyNot(Variant variant) {
    if (!variant.runs()) {
      return variant.cannotRun();
    }
    if (Jdks.find(variant.jdk(), System.getenv()).isEmpty()) {
      return "There is no JDK %d on this machine.".formatted(variant.jdk());
    }
    if (!variant.app().onJvm() && !Files.exists(project().flaskBin())) {
      return "The Flask app's virtual environment has not been made: make compare makes it.";
    }
    return "";
  }

  @Command(name = "report", description = "Writes the report of a run.")
  int report(@Parameters(paramLabel = "DIR") Path folder) {
    System.out.println(new Report(RunFolder.existing(folder)).write());
    return 0;
  }

  @Command(
      name = "diff",
      description = "Tells whether two runs agree on the order of the variants; 1 if they do not.")
  int diff(
      @Parameters(paramLabel = "DIR", index = "0") Path first,
      @Parameters(paramLabel = "DIR", index = "1") Path second) {
    List<Diff.Pair> pairs = Diff.pairs(analysis(first), analysis(second));
    if (pairs.isEmpty()) {
      throw new LabException("The two runs have no pair of variants in common.");
    }
    List<Diff.Pair> contradictions = pairs.stream().filter(Diff.Pair::contradicts).toList();
    System.out.printf(
        "%d pairs of a measure: %d differ in both runs, of these %d in the same order; %d differ in"
            + " one run only.%n",
        pairs.size(),
        pairs.stream().filter(Diff.Pair::bothDiffer).count(),
        pairs.stream().filter(Diff.Pair::bothDiffer).count() - contradictions.size(),
        pairs.stream().filter(Diff.Pair::oneDiffers).count());
    for (Diff.Pair pair : contradictions) {
      System.out.printf(
          "%s, %s to %s: %s, then %s%n",
          pair.first().measure().title(),
          pair.first().variant(),
          pair.first().baseline(),
          pair.first().ratio().map(Tables::ratio).orElseThrow(),
          pair.second().ratio().map(Tables::ratio).orElseThrow());
    }
    return contradictions.isEmpty() ? 0 : 1;
  }

  @Command(
      name = "grow",
      description = "Measures how what a variant costs goes with the work; goes on as run does.")
  int grow(
      @Option(
              names = "--what",
              paramLabel = "AXIS",
              description = "What grows, with commas: ${COMPLETION-CANDIDATES} (default: all)",
              split = ",")
          List<Workload.Axis> axes,
      @Option(names = "--variant", paramLabel = "NAME", description = "Which (default: light)")
          String name,
      @Option(names = "--rounds", description = "How many (default: 8)") Integer rounds,
      @Mixin Session sitting) {
    Instant end = sitting.end(clock);
    requireRounds(rounds);
    String chosenName = name == null ? "light" : name;
    int chosenRounds = rounds == null ? GROWTH_ROUNDS : rounds;
    List<Workload.Axis> chosen = axes == null ? List.of(Workload.Axis.values()) : axes;
    long seed = Instant.now().getEpochSecond();
    Function<Variant, Stream<Variant>> levels =
        variant ->
            chosen.stream()
                .flatMap(
                    axis ->
                        Arrays.stream(axis.levels()).mapToObj(level -> variant.under(axis, level)));
    requireThatThePlanStands(
        sitting,
        plan ->
            ((axes == null && name == null) || isOf(plan, List.of(chosenName), levels))
                && (rounds == null || rounds == plan.rounds()));
    return exitCode(
        runner(
                sitting.out,
                () -> newPlan(List.of(chosenName), chosenRounds, LoadProfile.GROWTH, seed, levels))
            .measure(end));
  }

  @Command(
      name = "aa",
      description = "Checks the lab: no agent against no agent must not differ; 1 if it does.")
  int aa(
      @Option(names = "--repeats", description = "How many (default: 20)", defaultValue = "20")
          int repeats,
      @Option(names = "--rounds", description = "Of each (default: 10)", defaultValue = "10")
          int rounds,
      @Mixin Session sitting) {
    Instant end = sitting.end(clock);
    if (rounds < Bootstrap.LEAST_ROUNDS || repeats < 1) {
      throw new LabException(
          "An interval takes %d rounds or more, and at least one repeat."
              .formatted(Bootstrap.LEAST_ROUNDS));
    }
    sitting
        .folder()
        .plan()
        .filter(plan -> plan.rounds() != repeats * rounds)
        .ifPresent(
            plan -> {
              throw new LabException(
                  "%s holds %d rounds: give the --repeats and --rounds that it was begun with."
                      .formatted(sitting.out, plan.rounds()));
            });
    long seed = Instant.now().getEpochSecond();
    boolean whole =
        runner(
                sitting.out,
                () ->
                    newPlan(
                        List.of("bare", "bare-again"), repeats * rounds, LoadProfile.SHORT, seed))
            .measure(end);
    if (!whole) {
      return NOT_WHOLE;
    }
    Map<Measure, AaTest.Score> scores =
        AaTest.score(analysis(sitting.out), "bare-again", "bare", rounds);
    if (scores.isEmpty()) {
      throw new LabException("%s holds no run of bare-again.".formatted(sitting.out));
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

  @Command(
      name = "planted",
      description = "Checks the lab: a burn of known size must be found; 1 if it is not.")
  int planted(
      @Option(
              names = "--percent",
              description = "Of the CPU time per request at saturation (default: 5)")
          Double percent,
      @Option(names = "--rounds", description = "How many (default: 10)") Integer rounds,
      @Mixin Session sitting) {
    Instant end = sitting.end(clock);
    requireRounds(rounds);
    // The plan holds what is burnt, not of what it is 5 %.
    requireThatThePlanStands(
        sitting, plan -> percent == null && (rounds == null || rounds == plan.rounds()));
    double chosenPercent = percent == null ? 5 : percent;
    int chosenRounds = rounds == null ? ROUNDS : rounds;
    long seed = Instant.now().getEpochSecond();
    Path pilot = sitting.out.resolve("pilot");
    if (sitting.folder().plan().isEmpty()) {
      System.out.println("First, what a request costs without the burn.");
      boolean known =
          runner(pilot, () -> newPlan(List.of("bare"), 3, LoadProfile.STEADY, seed)).measure(end);
      if (!known) {
        return NOT_WHOLE;
      }
    }
    boolean whole =
        runner(
                sitting.out,
                () ->
                    newPlan(List.of("bare", "planted"), chosenRounds, LoadProfile.STEADY, seed)
                        .withBurn(burn(pilot, chosenPercent)))
            .measure(end);
    if (!whole) {
      return NOT_WHOLE;
    }
    Comparison found =
        analysis(sitting.out)
            .against(Measure.CPU_SATURATED, "planted", "bare")
            .orElseThrow(() -> new LabException("There is no round with both."));
    System.out.printf(
        "%s: %s, p %.3f, %s%n",
        found.measure().title(),
        found.ratio().map(Tables::ratio).orElse("no interval"),
        found.p(),
        found.verdict() == Comparison.Verdict.MORE ? "found" : "not found");
    return found.verdict() == Comparison.Verdict.MORE ? 0 : 1;
  }

  /**
   * Returns nanoseconds.
   *
   * @param pilot what the app without a burn costs
   */
  private static long burn(Path pilot, double percent) {
    double micros =
        analysis(pilot)
            .median(Measure.CPU_SATURATED, "bare")
            .orElseThrow(() -> new LabException("The app without a burn could not be measured."));
    long burn = Math.round(micros * 1000 * percent / 100);
    System.out.printf("A request costs %.1f µs of CPU; %d ns are burnt.%n", micros, burn);
    return burn;
  }

  private static Analysis analysis(Path path) {
    var folder = RunFolder.existing(path);
    return new Analysis(folder.plan().orElseThrow(), folder.trials());
  }
}
