package lapalma.compare.report;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import lapalma.compare.host.RunEnvironment;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Results;
import lapalma.compare.result.Trial;

/** Describes a run in sentences: where and when it was measured, and how quiet the machine was. */
record RunFacts(Results results) {
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm").withZone(ZoneOffset.UTC);

  List<String> sentences() {
    List<String> sentences = new ArrayList<>(distinct(RunFacts::machine));
    LoadProfile load = results.plan().loadProfile();
    if (trials().isEmpty()) {
      sentences.add("No cost has been measured.");
      return sentences;
    }
    sentences.add(
        "Measured from %s to %s UTC: %d trials, in random order from seed %d; JVM: %s."
            .formatted(
                MINUTE.format(results.began()),
                MINUTE.format(
                    trials().stream()
                        .map(trial -> trial.began().plusMillis((long) (1000 * trial.seconds())))
                        .max(Comparator.naturalOrder())
                        .orElseThrow()),
                trials().size(),
                results.plan().seed(),
                String.join(" and ", distinct(one -> String.join(" ", one.jvmArguments())))));
    if (load.startsOnly()) {
      sentences.add("Only the start was measured: no load.");
      return sentences;
    }
    sentences.add(
        "Fixed rate: %d requests per second for %d s, of which the first %d s do not count for CPU and latency. Saturation: %d connections for %d s."
            .formatted(
                load.rate(results.plan().app()),
                load.lead() + load.open(),
                load.lead(),
                results.plan().app().load().connections(),
                load.saturation()));
    sentences.add(
        "Median and maximum of the trials: other processes used %s of the server's cores under load, the hypervisor stole %s of the time, and the compilers took %s of the server's CPU time at saturation."
            .formatted(
                percent(trial -> trial.noise().foreignOnServer()),
                percent(trial -> trial.noise().stolen()),
                percent(trial -> trial.checks().compiling())));
    sentences.addAll(uncounted());
    sentences.addAll(doubts());
    return sentences;
  }

  private List<Trial> trials() {
    return results.trials();
  }

  private List<String> distinct(Function<RunEnvironment, String> text) {
    return List.copyOf(new LinkedHashSet<>(results.sessions().stream().map(text).toList()));
  }

  private static String machine(RunEnvironment machine) {
    return "%s, %d cores, %.0f GiB; %s, Linux %s; %s; %s; %s; commit %.12s, the app's jar %.12s."
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
            machine.openLoads(),
            machine.commit(),
            machine.jar());
  }

  /** Names the variants of which no trial counted spans; trials of earlier builds did not count. */
  private List<String> uncounted() {
    String names =
        results.plan().variants().stream()
            .filter(variant -> variant.claims(Variant.Signal.SPANS))
            .filter(
                variant ->
                    trials().stream()
                        .noneMatch(
                            trial ->
                                trial.variant().equals(variant.name())
                                    && trial.delivered().isPresent()))
            .map(Variant::title)
            .collect(Collectors.joining("; "));
    return names.isEmpty()
        ? List.of()
        : List.of(
            "The share of the spans that arrived under load was not counted, and so their costs may be those of an agent that drops spans: %s."
                .formatted(names));
  }

  private List<String> doubts() {
    Map<Measure, List<Trial>> doubted = new TreeMap<>();
    for (Trial trial : trials()) {
      trial
          .doubts()
          .keySet()
          .forEach(
              measure -> doubted.computeIfAbsent(measure, any -> new ArrayList<>()).add(trial));
    }
    return doubted.entrySet().stream()
        .map(
            entry ->
                "%s: %d values are left out, of %s; the first because %s."
                    .formatted(
                        entry.getKey().title(),
                        entry.getValue().size(),
                        entry.getValue().stream()
                            .map(Trial::variant)
                            .distinct()
                            .collect(Collectors.joining(", ")),
                        entry.getValue().get(0).doubts().get(entry.getKey())))
        .toList();
  }

  private String percent(ToDoubleFunction<Trial> value) {
    double[] sorted = trials().stream().mapToDouble(value).sorted().toArray();
    return "%.1f and %.1f %%"
        .formatted(100 * sorted[sorted.length / 2], 100 * Arrays.stream(sorted).max().orElse(0));
  }
}
