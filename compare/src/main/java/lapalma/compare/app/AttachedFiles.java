package lapalma.compare.app;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import lapalma.compare.host.Project;
import lapalma.compare.plan.App;
import lapalma.compare.plan.Variant;

/** Finds the files that a variant attaches to the app. */
public final class AttachedFiles {
  private final Project project;
  private final Jars jars;

  public AttachedFiles(Project project, Jars jars) {
    this.project = project;
    this.jars = jars;
  }

  /**
   * Returns the size of the files that the variant attaches. If the variant is an instrumented app
   * of its own, this is the difference in size of the two apps' jars.
   *
   * @param measured the app that the run measures
   */
  public long bytesOnDisk(Variant variant, App measured) {
    if (!variant.attachment().size().isEmpty()) {
      Placeholders values = values(variant);
      return Project.size(
          variant.attachment().size().stream().map(file -> Path.of(values.in(file))).toList());
    }
    if (!variant.attachment().agent().isEmpty()) {
      return Project.size(List.of(jars.of(variant)));
    }
    if (variant.telemetry().claims().isEmpty() || variant.app().equals(measured)) {
      return 0;
    }
    return Project.size(List.of(jars.of(variant.app()))) - Project.size(List.of(jars.of(measured)));
  }

  /** Returns the jar of the agent that the variant attaches, or of its instrumented app. */
  List<Path> instrumentation(Variant variant) {
    if (!variant.attachment().agent().isEmpty()) {
      return List.of(jars.of(variant));
    }
    if (!variant.attachment().size().isEmpty()) {
      return List.of(Path.of(values(variant).in(variant.attachment().size().get(0))));
    }
    return variant.telemetry().claims().isEmpty() ? List.of() : List.of(jars.of(variant.app()));
  }

  /**
   * Returns the SHA-256 of each file of this project that one of the variants attaches, by its
   * name.
   */
  public Map<String, String> sums(List<Variant> variants) {
    Map<String, String> sums = new TreeMap<>();
    variants.forEach(
        variant ->
            named(variant)
                .values()
                .forEach(file -> sums.put(file.getFileName().toString(), Jars.sha256(file))));
    return sums;
  }

  /**
   * Returns the files of this project that a variant names, by placeholder. The others need not be
   * built.
   */
  private Map<String, Path> named(Variant variant) {
    String text = variant.attachment().jvm() + " " + variant.attachment().size();
    Map<String, Path> files = new TreeMap<>();
    Map.<String, Supplier<Path>>of(
            "lapalma-agent", project::lapalmaAgent,
            "fast-start", project::fastStart,
            "faults", project::faultsJar)
        .forEach(
            (name, file) -> {
              if (text.contains("{" + name + "}")) {
                files.put(name, file.get());
              }
            });
    return files;
  }

  /** Returns the values of the placeholders that stand for files. */
  Placeholders values(Variant variant) {
    var values = new Placeholders("Variant " + variant.name());
    if (!variant.attachment().agent().isEmpty()) {
      values.put("agent", jars.of(variant));
    }
    values.put("here", project.variants());
    values.put("app", variant.app().name());
    named(variant).forEach(values::put);
    return values;
  }
}
