package lapalma.compare.report;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import lapalma.compare.LabException;
import lapalma.compare.host.RunEnvironment;
import lapalma.compare.plan.Plan;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Coverage;
import lapalma.compare.result.Results;
import lapalma.compare.result.Score;
import lapalma.compare.result.Trial;

/**
 * The results for one app, joined from all runs and sittings that measured it. A sitting is a row
 * of trials without a long pause: only within one is the machine taken to be the same, so a ratio
 * pairs values of one sitting.
 *
 * @param app its name
 * @param plan of all variants
 * @param trials with rounds that are numbered over all sittings
 * @param sittings the number of sittings that measured the app
 * @param seeds of the runs
 * @param planned the number of trials that the runs were to have
 * @param unpaired the number of trials without a trial of their baseline in the same round of the
 *     same sitting
 */
record AppResults(
    String app,
    Plan plan,
    List<Trial> trials,
    Map<String, Coverage> coverage,
    Map<String, Score> scores,
    List<RunEnvironment> sessions,
    int sittings,
    List<Long> seeds,
    int planned,
    long unpaired) {

  /** The pause after which a trial begins a new sitting. */
  static final Duration PAUSE = Duration.ofMinutes(15);

  /**
   * Joins runs.
   *
   * @return the results by app, that with the most variants first
   * @throws LabException where two runs, or two sessions of one, cannot be compared: another
   *     machine, JDK, load or build of the app, or another variant of the same name
   */
  static List<AppResults> of(List<Results> runs) {
    List<Results> inOrder = runs.stream().sorted(Comparator.comparing(Results::began)).toList();
    Set<String> apps = new LinkedHashSet<>();
    inOrder.forEach(run -> run.plan().variants().forEach(one -> apps.add(app(run.plan(), one))));
    return apps.stream()
        .map(app -> of(app, inOrder))
        .sorted(Comparator.comparing(app -> -app.plan().variants().size()))
        .toList();
  }

  private static AppResults of(String app, List<Results> runs) {
    List<Results> parts =
        runs.stream()
            .filter(run -> run.plan().variants().stream().anyMatch(is(app, run.plan())))
            .toList();
    parts.forEach(part -> requireComparable(parts.get(0), part));
    Map<String, Variant> variants = new LinkedHashMap<>();
    Map<String, Path> definedIn = new HashMap<>();
    Map<String, Long> bytesOnDisk = new LinkedHashMap<>();
    Map<String, String> versions = new LinkedHashMap<>();
    Map<String, String> left = new LinkedHashMap<>();
    Map<String, Coverage> coverage = new HashMap<>();
    Map<String, Score> scores = new HashMap<>();
    Numbered numbered = new Numbered();
    for (Results part : parts) {
      Plan plan = part.plan();
      left.putAll(plan.left());
      versions.putAll(plan.versions());
      plan.variants().stream()
          .filter(is(app, plan))
          .forEach(
              variant -> {
                Variant earlier = variants.putIfAbsent(variant.name(), variant);
                Path source = definedIn.putIfAbsent(variant.name(), part.source());
                if (earlier != null && !sameTrial(earlier, variant)) {
                  throw new LabException(
                      "%s is defined differently in %s and in %s: report only one of the two runs."
                          .formatted(variant.name(), part.source(), source));
                }
                if (plan.bytesOnDisk().containsKey(variant.name())) {
                  bytesOnDisk.put(variant.name(), plan.bytesOnDisk().get(variant.name()));
                }
                if (part.coverage().containsKey(variant.name())) {
                  coverage.put(variant.name(), part.coverage().get(variant.name()));
                }
                if (part.scores().containsKey(variant.name())) {
                  scores.put(variant.name(), part.scores().get(variant.name()));
                }
              });
      numbered.add(part, variants.keySet());
    }
    left.keySet().removeAll(variants.keySet());
    Plan first = parts.get(0).plan();
    return new AppResults(
        app,
        new Plan(
            first.seed(),
            parts.stream().mapToInt(part -> part.plan().rounds()).sum(),
            first.loadProfile(),
            first.app(),
            List.copyOf(variants.values()),
            bytesOnDisk,
            versions,
            left,
            first.burnNanos()),
        numbered.trials,
        coverage,
        scores,
        parts.stream().flatMap(part -> part.sessions().stream()).toList(),
        numbered.sittings(),
        parts.stream().map(part -> part.plan().seed()).toList(),
        parts.stream().mapToInt(part -> planned(app, part.plan())).sum(),
        unpaired(numbered.trials, variants));
  }

  private static int planned(String app, Plan plan) {
    return plan.rounds() * (int) plan.variants().stream().filter(is(app, plan)).count();
  }

  /** Names the app of a variant: that of its baseline, as the app instrumented by hand is dice. */
  private static String app(Plan plan, Variant variant) {
    return plan.variants().stream()
        .filter(other -> other.name().equals(variant.baseline()))
        .findFirst()
        .orElse(variant)
        .app()
        .name();
  }

  private static Predicate<Variant> is(String app, Plan plan) {
    return variant -> app(plan, variant).equals(app);
  }

  private record Round(int sitting, int number) {}

  /** Numbers the rounds of all sittings in a row. */
  private static final class Numbered {
    private final List<Trial> trials = new ArrayList<>();
    private final Map<Round, Integer> rounds = new HashMap<>();
    private int sitting;

    /** Adds the trials of some variants of a run. */
    void add(Results run, Set<String> variants) {
      Instant end = Instant.MIN;
      for (Trial trial :
          run.trials().stream().sorted(Comparator.comparing(Trial::began)).toList()) {
        boolean begins = end.equals(Instant.MIN) || trial.began().isAfter(end.plus(PAUSE));
        if (begins) {
          sitting++;
        }
        end = trial.began().plusMillis(Math.round(1000 * trial.seconds()));
        if (variants.contains(trial.variant())) {
          int round =
              rounds.computeIfAbsent(new Round(sitting, trial.round()), any -> 1 + rounds.size());
          trials.add(trial.in(round));
        }
      }
    }

    /** Returns the number of sittings in which a trial was added. */
    int sittings() {
      return (int) rounds.keySet().stream().map(Round::sitting).distinct().count();
    }
  }

  private static long unpaired(List<Trial> trials, Map<String, Variant> variants) {
    Set<List<Object>> measured = new HashSet<>();
    trials.forEach(trial -> measured.add(List.of(trial.round(), trial.variant())));
    return trials.stream()
        .filter(
            trial ->
                !measured.contains(
                    List.of(trial.round(), variants.get(trial.variant()).baseline())))
        .count();
  }

  private static void requireComparable(Results one, Results other) {
    requireSame(one, other, "loads", one.plan().loadProfile(), other.plan().loadProfile());
    for (RunEnvironment first : one.sessions()) {
      for (RunEnvironment second : other.sessions()) {
        requireSame(one, other, "machines", machine(first), machine(second));
        requireSame(one, other, "builds of the app", first.jar(), second.jar());
        first
            .jdks()
            .forEach(
                (version, jdk) ->
                    requireSame(one, other, "JDKs", jdk, second.jdks().getOrDefault(version, jdk)));
      }
    }
  }

  private static String machine(RunEnvironment machine) {
    return "%s with %d cores, %.0f GiB, %s"
        .formatted(
            machine.cpu(),
            machine.cores(),
            machine.memoryBytes() / (double) (1L << 30),
            machine.system());
  }

  private static void requireSame(
      Results one, Results other, String what, Object first, Object second) {
    if (!first.equals(second) && one == other) {
      throw new LabException(
          "%s was continued with different %s: %s, and %s. Report another run."
              .formatted(one.source(), what, first, second));
    }
    if (!first.equals(second)) {
      throw new LabException(
          "%s and %s were measured with different %s: %s, and %s. Report them separately."
              .formatted(one.source(), other.source(), what, first, second));
    }
  }

  /** Compares everything that influences a trial, but not the words for the report. */
  private static boolean sameTrial(Variant one, Variant other) {
    return one.app().equals(other.app())
        && one.jdk() == other.jdk()
        && one.baseline().equals(other.baseline())
        && one.attachment().equals(other.attachment())
        && one.telemetry().equals(other.telemetry())
        && one.workload().equals(other.workload());
  }

  /** Returns the variants of the baseline that has the most of them; the first one of several. */
  List<Variant> mainBand() {
    Map<String, List<Variant>> bands = new LinkedHashMap<>();
    for (Variant variant : plan.variants()) {
      if (!variant.isBaseline()) {
        bands.computeIfAbsent(variant.baseline(), any -> new ArrayList<>()).add(variant);
      }
    }
    return bands.values().stream().max(Comparator.comparing(List::size)).orElse(List.of());
  }

  /** Names the variants that are left out, with the reasons. */
  List<String> left() {
    return plan.left().entrySet().stream()
        .map(entry -> entry.getKey() + ": " + entry.getValue())
        .toList();
  }
}
