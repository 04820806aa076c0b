package lapalma.compare.run;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lapalma.compare.LabException;
import lapalma.compare.app.AgentJars;
import lapalma.compare.app.AttachedFiles;
import lapalma.compare.host.Jdks;
import lapalma.compare.host.Project;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.plan.Plan;
import lapalma.compare.plan.Variant;
import lapalma.compare.plan.Variants;

/** Plans runs of the repository's variants, as far as this machine can run them. */
public final class Planner {
  private final Project project;
  private final AttachedFiles attachedFiles;

  public Planner(Project project) {
    this.project = project;
    this.attachedFiles = new AttachedFiles(project, new AgentJars(project.tools()));
  }

  /**
   * Plans a run.
   *
   * @param names of variants; empty for all but those by name only
   * @throws LabException when none of them can run here
   */
  public Plan plan(List<String> names, int rounds, LoadProfile profile, long seed) {
    return plan(names, rounds, profile, seed, Stream::of);
  }

  /**
   * Plans a run of several levels.
   *
   * @param levels returns the variants to measure in place of one that was named
   */
  public Plan plan(
      List<String> names,
      int rounds,
      LoadProfile profile,
      long seed,
      Function<Variant, Stream<Variant>> levels) {
    List<Variant> runs = new ArrayList<>();
    Map<String, String> left = new LinkedHashMap<>();
    Map<String, Long> sizes = new LinkedHashMap<>();
    for (Variant variant : chosen(names)) {
      String why = whyNot(variant);
      if (why.isEmpty()) {
        OptionalLong size = attachedFiles.bytesOnDisk(variant);
        levels
            .apply(variant)
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
      throw new LabException("None of these variants can run here. " + reasons);
    }
    return new Plan(seed, rounds, profile, runs, sizes, left, 0);
  }

  /** Returns whether a plan measures the named variants and no others. */
  public boolean measures(Plan plan, List<String> names) {
    return measures(plan, names, Stream::of);
  }

  /**
   * Returns whether a plan measures the levels of the named variants and no others.
   *
   * @param levels as for {@link #plan(List, int, LoadProfile, long, Function)}
   */
  public boolean measures(
      Plan plan, List<String> names, Function<Variant, Stream<Variant>> levels) {
    Set<String> planned = new HashSet<>(plan.left().keySet());
    plan.variants().forEach(variant -> planned.add(variant.name()));
    return planned.equals(
        chosen(names).stream().flatMap(levels).map(Variant::name).collect(Collectors.toSet()));
  }

  private Set<Variant> chosen(List<String> names) {
    Variants known = Variants.read(project.variants());
    Set<Variant> chosen = new LinkedHashSet<>();
    for (Variant variant : known.chosen(names)) {
      // A variant is compared with its baseline in the same round.
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
    if (!variant.app().onJvm() && !Files.exists(project.flaskBin())) {
      return "The Flask app's virtual environment has not been made: make compare makes it.";
    }
    return "";
  }
}
