package lapalma.compare.report;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import lapalma.compare.host.RunEnvironment;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.plan.Plan;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Trial;
import lapalma.compare.stats.Analysis;
import lapalma.compare.stats.Comparison;

/** Describes in sentences the machine of an app's runs, and how quiet it was. */
record RunFacts(
    AppResults results,
    Plan plan,
    List<Trial> trials,
    List<RunEnvironment> sessions,
    Map<Measure, Map<String, List<String>>> doubts,
    List<Comparison> comparisons) {
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd").withZone(ZoneOffset.UTC);

  RunFacts(Tables tables) {
    this(
        tables.results(),
        tables.results().plan(),
        tables.results().trials(),
        tables.results().sessions(),
        tables.analysis().doubts(),
        tables.comparisons());
  }

  /** Says in one sentence what was measured, where and when. */
  String summary() {
    int variants = plan.variants().size();
    if (trials.isEmpty()) {
      return "%s: %d variants. No cost has been measured.".formatted(results.app(), variants);
    }
    Map<String, Set<Integer>> jdks = new LinkedHashMap<>();
    for (RunEnvironment one : sessions) {
      jdks.computeIfAbsent(
              "%d cores of %s".formatted(one.cores(), one.cpu()), any -> new TreeSet<>())
          .addAll(one.jdks().keySet());
    }
    String machine =
        jdks.entrySet().stream()
            .map(
                one ->
                    "%s, JDK %s"
                        .formatted(
                            one.getKey(),
                            one.getValue().stream()
                                .map(String::valueOf)
                                .collect(Collectors.joining(" and "))))
            .collect(Collectors.joining("; "));
    return "Measured with %s: %d variants in %s rounds each, %s%s."
        .formatted(
            results.app(),
            variants,
            roundsOfVariants(),
            days(),
            machine.isEmpty() ? "" : "; " + machine);
  }

  List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    if (plan.loadProfile().equals(LoadProfile.QUICK)) {
      sentences.add(
          "A quick run: short loads, a warm-up of at most 8 s and few rounds. Its intervals are wide, and a difference that it does not show may be there. Most apps warm up for longer, and with an agent for longer still, so CPU, throughput and latency include the JVM's compilers and overestimate what an agent costs. A run without --quick measures for hours.");
    }
    if (!trials.isEmpty()) {
      sentences.add(when());
    }
    sessions.stream().map(RunFacts::machine).distinct().forEach(sentences::add);
    sentences.add(
        "Measured: %s; commit %s, the app's jar with SHA-256 %s."
            .formatted(
                plan.app().title(),
                distinct(sessions.stream().map(RunEnvironment::commit).toList()),
                distinct(
                    sessions.stream()
                        .map(
                            machine ->
                                machine.jar().substring(0, Math.min(12, machine.jar().length())))
                        .toList())));
    if (trials.isEmpty()) {
      sentences.add("No cost has been measured.");
      return sentences;
    }
    sentences.add(
        "Open load: %d s%s. Latency and CPU leave out the first %d s; allocation, collector time and bytes sent count all of it. Closed load: %s connections for %d s. JVM: %s."
            .formatted(
                plan.loadProfile().lead() + plan.loadProfile().open(),
                rates(),
                plan.loadProfile().lead(),
                distinct(
                    plan.variants().stream()
                        .map(variant -> String.valueOf(variant.workload().connections()))
                        .toList()),
                plan.loadProfile().saturation(),
                distinct(
                    sessions.stream()
                        .map(machine -> String.join(" ", machine.jvmArguments()))
                        .toList())));
    sentences.add(noise());
    sentences.add("wrk had %s of its time to spare, median and minimum.".formatted(headroom()));
    sentences.add(steadiness());
    sentences.addAll(missing());
    sentences.addAll(uncounted());
    sentences.addAll(power());
    doubts.forEach(
        (measure, variants) -> {
          List<String> reasons = variants.values().stream().flatMap(List::stream).toList();
          sentences.add(
              "%s: %d values are left out, of %s; the first because %s."
                  .formatted(
                      measure.title(),
                      reasons.size(),
                      String.join(", ", variants.keySet()),
                      reasons.get(0)));
        });
    long failed = trials.stream().mapToLong(trial -> trial.checks().failed()).sum();
    sentences.add("Requests of the loads that were not answered with 200: %d.".formatted(failed));
    return sentences;
  }

  private String when() {
    return "Measured from %s to %s UTC, sittings: %d; %d trials, in %s rounds of each variant, in random order from seed %s."
        .formatted(
            DAY.format(first()),
            DAY.format(last()),
            results.sittings(),
            trials.size(),
            roundsOfVariants(),
            results.seeds().stream().map(String::valueOf).collect(Collectors.joining(" and ")));
  }

  /**
   * Returns the number of rounds of each variant, such as "8 or 10". Without other variants, it is
   * that of the plan, because a baseline has the rounds of all sittings.
   */
  private String roundsOfVariants() {
    Map<String, Long> rounds =
        trials.stream().collect(Collectors.groupingBy(Trial::variant, Collectors.counting()));
    String ofOthers =
        plan.variants().stream()
            .filter(variant -> !variant.isBaseline() && rounds.containsKey(variant.name()))
            .map(variant -> rounds.get(variant.name()))
            .distinct()
            .sorted()
            .map(String::valueOf)
            .collect(Collectors.joining(" or "));
    return ofOthers.isEmpty() ? String.valueOf(plan.rounds()) : ofOthers;
  }

  private String days() {
    String first = DATE.format(first());
    String last = DATE.format(last());
    return first.equals(last) ? first : first + " to " + last;
  }

  private Instant first() {
    return trials.stream().map(Trial::began).min(Instant::compareTo).orElseThrow();
  }

  private Instant last() {
    return trials.stream().map(Trial::began).max(Instant::compareTo).orElseThrow();
  }

  private static String machine(RunEnvironment machine) {
    return "Machine: %s, %d cores, %.0f GiB; %s, Linux %s; %s; %s; %s."
        .formatted(
            machine.cpu(),
            machine.cores(),
            machine.memoryBytes() / (double) (1L << 30),
            machine.system(),
            machine.kernel(),
            machine.jdks().entrySet().stream()
                .map(jdk -> "JDK %d is %s".formatted(jdk.getKey(), jdk.getValue()))
                .collect(Collectors.joining(", ")),
            machine.wrk().replaceAll(" Copyright.*", ""),
            machine.openLoads());
  }

  /** Returns the rates of the apps whose files name one. */
  private String rates() {
    Map<Integer, Set<String>> apps = new TreeMap<>();
    for (Variant variant : plan.variants()) {
      if (variant.workload().rate() > 0 && variant.workload().share() == 0) {
        apps.computeIfAbsent(
                plan.loadProfile().rate(variant.workload(), 0), any -> new LinkedHashSet<>())
            .add(variant.app().title());
      }
    }
    return apps.entrySet().stream()
        .map(
            rate ->
                ", %d requests per second to %s"
                    .formatted(rate.getKey(), String.join(" and to ", rate.getValue())))
        .collect(Collectors.joining());
  }

  private String noise() {
    return "Noise, median and maximum of the trials: other processes used %s of the server's cores under load, the hypervisor stole %s of the time, the load average was %s, the cores ran at %s MHz."
        .formatted(
            percent(trial -> trial.noise().foreignOnServer()),
            percent(trial -> trial.noise().stolen()),
            range(trial -> trial.noise().load(), "%.1f"),
            range(trial -> trial.noise().megahertz(), "%.0f"));
  }

  private String steadiness() {
    long unsteady = trials.stream().filter(trial -> !trial.steady()).count();
    return "Warm-up, median and maximum: %s windows of %d s; in %d of %d trials it ended while the compilers were at work. The compilers took %s of the server's CPU time at saturation."
        .formatted(
            range(trial -> trial.warmUp().size(), "%.0f"),
            plan.loadProfile().window(),
            unsteady,
            trials.size(),
            percent(trial -> trial.checks().compiling()));
  }

  private String headroom() {
    double[] spare =
        trials.stream().mapToDouble(trial -> 100 * trial.checks().generatorHeadroom()).toArray();
    return "%.0f and %.0f %%"
        .formatted(Analysis.median(spare), Arrays.stream(spare).min().orElseThrow());
  }

  private List<String> missing() {
    List<String> sentences = new ArrayList<>();
    if (trials.size() < results.planned()) {
      sentences.add(
          "The run is incomplete: %d of %d trials.".formatted(trials.size(), results.planned()));
    }
    if (results.unpaired() > 0) {
      sentences.add(
          "%d trials count in no ratio: their baseline was not measured in the same round of the same sitting."
              .formatted(results.unpaired()));
    }
    return sentences;
  }

  /** Names the variants of which no trial counted spans; trials of earlier builds did not count. */
  private List<String> uncounted() {
    Set<String> counted =
        trials.stream()
            .filter(trial -> trial.delivered().isPresent())
            .map(Trial::variant)
            .collect(Collectors.toSet());
    String others =
        plan.variants().stream()
            .filter(one -> one.claims(Variant.Signal.SPANS) && !counted.contains(one.name()))
            .map(Variant::title)
            .collect(Collectors.joining("; "));
    return counted.isEmpty() || others.isEmpty()
        ? List.of()
        : List.of("How many of their spans arrived was not counted: %s.".formatted(others));
  }

  /**
   * Tells for each measure which difference the run could have found: the median of its variants. A
   * variant for which it could have found none counts as infinite.
   */
  private List<String> power() {
    List<String> measures = new ArrayList<>();
    for (Measure measure : Measure.values()) {
      double[] detectable =
          comparisons.stream()
              .filter(one -> one.measure() == measure && one.ratio().isPresent())
              .mapToDouble(one -> one.detectable().orElse(Double.POSITIVE_INFINITY))
              .toArray();
      if (detectable.length > 0) {
        measures.add(measure.title() + " " + worse(measure, Analysis.median(detectable)));
      }
    }
    return measures.isEmpty()
        ? List.of()
        : List.of(
            "Power: with a chance of 80 %%, this run calls a change of this size or more a difference (median of the variants): %s."
                .formatted(String.join(", ", measures)));
  }

  /** Returns the change for the worse in percent: a decrease where more is better. */
  private static String worse(Measure measure, double factor) {
    if (Double.isInfinite(factor)) {
      return "none";
    }
    return measure.lessIsBetter()
        ? "+%s %%".formatted(Figures.amount(100 * (factor - 1)))
        : "−%s %%".formatted(Figures.amount(100 * (1 - 1 / factor)));
  }

  private String percent(ToDoubleFunction<Trial> value) {
    return range(trial -> 100 * value.applyAsDouble(trial), "%.1f") + " %";
  }

  private String range(ToDoubleFunction<Trial> value, String format) {
    double[] values = trials.stream().mapToDouble(value).toArray();
    return (format + " and " + format)
        .formatted(Analysis.median(values), Arrays.stream(values).max().orElseThrow());
  }

  private static String distinct(List<String> texts) {
    Set<String> set = new LinkedHashSet<>(texts);
    return String.join(" and ", set);
  }
}
