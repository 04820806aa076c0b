package lapalma.compare.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;
import lapalma.compare.LabException;
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
   * of its own, this is the difference in size of the two apps' jars. It is empty for an app
   * without a jar, whose agent is installed into its environment.
   *
   * @param measured the app that the run measures
   */
  public OptionalLong bytesOnDisk(Variant variant, App measured) {
    if (!variant.attachment().size().isEmpty()) {
      Placeholders values = values(variant);
      return OptionalLong.of(
          Project.size(
              variant.attachment().size().stream().map(file -> Path.of(values.in(file))).toList()));
    }
    if (!variant.attachment().agent().isEmpty()) {
      return OptionalLong.of(Project.size(List.of(jars.of(variant))));
    }
    if (variant.telemetry().claims().isEmpty() || variant.app().equals(measured)) {
      return OptionalLong.of(0);
    }
    return variant.app().onJvm()
        ? OptionalLong.of(
            Project.size(List.of(jars.of(variant.app())))
                - Project.size(List.of(jars.of(measured))))
        : OptionalLong.empty();
  }

  /** Returns the jar of the agent that the variant attaches, or of its instrumented app. */
  List<Path> instrumentation(Variant variant) {
    if (!variant.attachment().agent().isEmpty()) {
      return List.of(jars.of(variant));
    }
    if (!variant.attachment().size().isEmpty()) {
      return List.of(Path.of(values(variant).in(variant.attachment().size().get(0))));
    }
    return variant.telemetry().claims().isEmpty() || !variant.app().onJvm()
        ? List.of()
        : List.of(jars.of(variant.app()));
  }

  /**
   * Returns the SHA-256 of each file of agent-config by its name, or nothing if none of the
   * variants attaches them.
   */
  public Map<String, String> sums(List<Variant> variants) {
    Map<String, String> sums = new TreeMap<>();
    if (variants.stream().anyMatch(variant -> named(variant).contains("{lapalma-agent}"))) {
      sums.put("lapalma-agent.jar", Jars.sha256(project.lapalmaAgent()));
    }
    if (variants.stream().noneMatch(AttachedFiles::attachesConfig)) {
      return sums;
    }
    try (Stream<Path> files = Files.list(project.attach())) {
      files
          .filter(Files::isRegularFile)
          .forEach(file -> sums.put(file.getFileName().toString(), Jars.sha256(file)));
    } catch (IOException e) {
      throw LabException.because("%s cannot be listed".formatted(project.attach()), e);
    }
    return sums;
  }

  private static boolean attachesConfig(Variant variant) {
    return named(variant).contains("{attach}");
  }

  private static String named(Variant variant) {
    return variant.attachment().jvm() + " " + variant.attachment().size();
  }

  /** Returns the values of the placeholders that stand for files. */
  Placeholders values(Variant variant) {
    var values = new Placeholders("Variant " + variant.name());
    if (!variant.attachment().agent().isEmpty()) {
      values.put("agent", jars.of(variant));
    }
    values.put("here", project.variants());
    values.put("app", variant.app().name());
    // Only for a variant that names them: the others do not need them built.
    if (attachesConfig(variant)) {
      values.put("attach", project.attach());
    }
    if (named(variant).contains("{lapalma-agent}")) {
      values.put("lapalma-agent", project.lapalmaAgent());
    }
    if (named(variant).contains("{faults}")) {
      values.put("faults", project.faultsJar());
    }
    return values;
  }
}
