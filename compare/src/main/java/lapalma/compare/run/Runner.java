package lapalma.compare.run;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lapalma.compare.LabException;
import lapalma.compare.app.AppLauncher;
import lapalma.compare.app.AttachedFiles;
import lapalma.compare.app.Jars;
import lapalma.compare.app.Seals;
import lapalma.compare.backend.Certificate;
import lapalma.compare.coverage.CoverageRunner;
import lapalma.compare.host.CpuPinning;
import lapalma.compare.host.Project;
import lapalma.compare.host.RunEnvironment;
import lapalma.compare.host.Subprocess;
import lapalma.compare.load.OpenLoad;
import lapalma.compare.plan.Plan;
import lapalma.compare.plan.Variant;
import lapalma.compare.plan.Variant.Signal;
import lapalma.compare.result.RunFolder;
import lapalma.compare.result.Trial;

/** Carries out a plan, or the rest of one. */
public final class Runner {
  private static final Map<String, String> NEEDED = Map.of("taskset", "util-linux");

  /** A guess: the wait for metrics takes 75 s, and the app starts twice. */
  private static final Duration COVERAGE = Duration.ofSeconds(90);

  private final RunFolder folder;
  private final Plan plan;
  private final PrintStream out;
  private final Clock clock;
  private final Optional<OpenLoad> openLoad;
  private final CpuPinning pinning;
  private final Path work;
  private final Certificate certificate;
  private final AppLauncher launcher;
  private boolean toldThatItIsOver;

  /** Checks what a run needs, and then begins a session of this plan in the folder. */
  public Runner(Project project, RunFolder folder, Plan plan, PrintStream out, Clock clock) {
    NEEDED.forEach(Subprocess::require);
    var jars = new Jars(project);
    this.folder = folder;
    this.plan = plan;
    this.out = out;
    this.clock = clock;
    this.pinning = CpuPinning.ofMachine(plan.app().load().cores());
    this.openLoad = openLoad(project);
    var environment =
        RunEnvironment.here(
            plan.variants().stream().map(Variant::jdk).toList(),
            openLoad.map(OpenLoad::version).orElse("none"),
            project.commit(),
            Jars.sha256(jars.of(plan.app())),
            new AttachedFiles(project, jars).sums(plan.variants()),
            AppLauncher.jvm(plan.app(), pinning));
    for (RunEnvironment earlier : folder.sessions()) {
      if (!earlier.jar().equals(environment.jar())) {
        throw new LabException(
            "%s was begun with another build of the app's jar, of commit %s: give another folder."
                .formatted(folder.path(), earlier.commit()));
      }
      if (!earlier.cpu().equals(environment.cpu()) || !earlier.jdks().equals(environment.jdks())) {
        throw new LabException(
            "%s was begun on another machine or JDK, %s with %s: give another folder."
                .formatted(folder.path(), earlier.cpu(), earlier.jdks()));
      }
      if (!earlier.sameAttached(environment)) {
        throw new LabException(
            "%s was begun with another build of lapalma-agent, of commit %s: give another folder."
                .formatted(folder.path(), earlier.commit()));
      }
    }
    folder.write(plan);
    folder.write(environment);
    pinning.moveLab();
    this.work = folder.path().resolve("work");
    this.certificate = Certificate.make(work);
    this.launcher =
        new AppLauncher(
            project,
            pinning,
            jars,
            new Seals(project, jars, plan.app(), folder.path().resolve("sealed")),
            certificate,
            plan.burnNanos());
  }

  /**
   * Records telemetry and measures costs, as far as the plan is not done; returns whether it then
   * is.
   *
   * @param end of the session, after which no trial begins
   */
  public boolean run(Instant end) {
    if (plan.loadProfile().startsOnly()) {
      return measure(end);
    }
    List<Variant> uncovered = uncovered();
    long trials = plan.steps().stream().filter(step -> !folder.has(step)).count();
    out.printf(
        "To do: the telemetry of %d variants, then %d trials of their cost; about %s.%n",
        uncovered.size(),
        trials,
        Progress.text(
            COVERAGE
                .multipliedBy(uncovered.size())
                .plus(plan.loadProfile().guess(plan.app()).multipliedBy(trials))));
    boolean covered = cover(end);
    return measure(end) && covered;
  }

  private List<Variant> uncovered() {
    return plan.variants().stream().filter(variant -> !folder.hasCoverage(variant.name())).toList();
  }

  /**
   * Measures what each variant costs; returns whether every trial of the plan has been measured.
   */
  public boolean measure(Instant end) {
    var runner =
        new TrialRunner(launcher, pinning, plan.loadProfile(), openLoad, certificate, work);
    List<Plan.Step> steps = plan.steps();
    var progress =
        new Progress(
            out, System.console() != null, plan.loadProfile().guess(plan.app()), steps.size());
    steps.stream().filter(folder::has).forEach(step -> progress.skip());
    out.printf(
        "%d variants, %d rounds, seed %d: %s.%n",
        plan.variants().size(), plan.rounds(), plan.seed(), progress.left());
    boolean whole = true;
    for (Plan.Step step : steps) {
      if (folder.has(step)) {
        continue;
      }
      if (isOver(end, progress)) {
        return false;
      }
      String what = "round %d, %s".formatted(step.round(), step.variant().name());
      try {
        Trial trial =
            runner.run(step.round(), step.variant(), phase -> progress.phase(what, phase));
        folder.write(trial);
        progress.done(what + delivered(trial, step.variant()), trial.seconds());
      } catch (LabException e) {
        progress.failed(what, e.getMessage());
        whole = false;
      }
    }
    return whole;
  }

  /** Returns the generator of the open load; nothing where a trial ends at its start. */
  private Optional<OpenLoad> openLoad(Project project) {
    if (plan.loadProfile().startsOnly()) {
      return Optional.empty();
    }
    Subprocess.require("wrk", "wrk");
    return Optional.of(
        OpenLoad.find(project, plan.app().load(), plan.loadProfile().rate(plan.app()), pinning));
  }

  private static String delivered(Trial trial, Variant variant) {
    return trial
        .delivered()
        .map(known -> ", " + known.text())
        .orElse(variant.claims(Signal.SPANS) ? ", delivered spans not counted" : "");
  }

  /** Records the telemetry of each variant; returns whether that worked for all. */
  public boolean cover(Instant end) {
    var runner = new CoverageRunner(launcher, certificate, work, plan.loadProfile().isBrief());
    boolean whole = true;
    List<Variant> missing = uncovered();
    var progress = new Progress(out, System.console() != null, COVERAGE, missing.size());
    if (!missing.isEmpty()) {
      out.printf("The telemetry of %d variants: %s.%n", missing.size(), progress.left());
    }
    for (Variant variant : missing) {
      if (isOver(end, progress)) {
        return false;
      }
      long began = System.nanoTime();
      try {
        CoverageRunner.Covered covered =
            runner.cover(variant, phase -> progress.phase(variant.name(), phase));
        folder.write(covered.score());
        folder.write(covered.coverage());
        progress.done(variant.name(), (System.nanoTime() - began) / 1e9);
      } catch (LabException e) {
        if (variant.isBaseline()) {
          throw new LabException("Without an agent: " + e.getMessage(), e);
        }
        progress.failed(variant.name(), e.getMessage());
        whole = false;
      }
    }
    return whole;
  }

  private boolean isOver(Instant end, Progress progress) {
    boolean over = clock.instant().isAfter(end);
    if (over && !toldThatItIsOver) {
      toldThatItIsOver = true;
      out.printf("The session is over: the same command continues the run, %s.%n", progress.left());
    }
    return over;
  }
}
