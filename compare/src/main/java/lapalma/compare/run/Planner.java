package lapalma.compare.run;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import lapalma.compare.LabException;
import lapalma.compare.app.AgentVersions;
import lapalma.compare.app.AttachedFiles;
import lapalma.compare.app.Jars;
import lapalma.compare.host.Jdks;
import lapalma.compare.host.Project;
import lapalma.compare.plan.App;
import lapalma.compare.plan.Apps;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.plan.Plan;
import lapalma.compare.plan.Variant;
import lapalma.compare.plan.Variants;

/** Plans runs of the repository's variants, as far as this machine can run them. */
public final class Planner {
  private final Project project;
  private final App app;
  private final int jdk;
  private final AttachedFiles attachedFiles;
  private final AgentVersions versions;

  /**
   * Makes a planner.
   *
   * @param app to measure
   * @param jdk the major version of the JDK for variants that name none; 0 for the lab's own
   */
  public Planner(Project project, App app, int jdk) {
    this.project = project;
    this.app = app;
    this.jdk = jdk;
    this.attachedFiles = new AttachedFiles(project, new Jars(project));
    this.versions = new AgentVersions(attachedFiles);
  }

  /**
   * Plans a run.
   *
   * @param names of variants, each of which is measured beside its baseline
   * @throws LabException when none of them can run here
   */
  public Plan plan(List<String> names, int rounds, LoadProfile profile, long seed) {
    List<Variant> runs = new ArrayList<>();
    Map<String, String> left = new LinkedHashMap<>();
    Map<String, Long> sizes = new LinkedHashMap<>();
    Map<String, String> known = new LinkedHashMap<>();
    for (Variant variant : chosen(names)) {
      String why = whyNot(variant);
      if (why.isEmpty()) {
        runs.add(variant);
        sizes.put(variant.name(), attachedFiles.bytesOnDisk(variant, app));
        known.put(variant.name(), versions.of(variant));
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
    return new Plan(seed, rounds, profile, app, runs, sizes, known, left, 0);
  }

  /** Returns the first of some variants that can run here. */
  public List<String> firstThatRun(List<String> names, int most) {
    Variants known = variants();
    return names.stream()
        .filter(name -> whyNot(onJdk(known.get(name))).isEmpty())
        .limit(most)
        .toList();
  }

  /** Returns whether a plan measures the planner's app, in the named variants and no others. */
  public boolean measures(Plan plan, List<String> names) {
    if (!plan.app().name().equals(app.name())) {
      return false;
    }
    Set<String> planned = new HashSet<>(plan.left().keySet());
    plan.variants().forEach(variant -> planned.add(variant.name()));
    return planned.equals(chosen(names).stream().map(Variant::name).collect(Collectors.toSet()));
  }

  private Set<Variant> chosen(List<String> names) {
    Variants known = variants();
    Set<Variant> chosen = new LinkedHashSet<>();
    for (String name : names) {
      Variant variant = known.get(name);
      // A variant is compared with its baseline in the same rounds.
      chosen.add(onJdk(known.get(variant.baseline())));
      chosen.add(onJdk(variant));
    }
    return chosen;
  }

  private Variant onJdk(Variant variant) {
    return variant.jdk() == 0 ? variant.onJdk(jdk) : variant;
  }

  private Variants variants() {
    return Variants.read(project.variants(), new Apps(project.root()), app);
  }

  private String whyNot(Variant variant) {
    if (!variant.runs()) {
      return variant.cannotRun();
    }
    if (variant.jdk() != jdk) {
      return "It runs on JDK %d only: give --jdk %<d.".formatted(variant.jdk());
    }
    if (Jdks.find(variant.jdk(), System.getenv()).isEmpty()) {
      return "There is no JDK %d on this machine.".formatted(variant.jdk());
    }
    return "";
  }
}
