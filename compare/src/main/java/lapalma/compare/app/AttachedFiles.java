package lapalma.compare.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import lapalma.compare.LabException;
import lapalma.compare.host.Project;
import lapalma.compare.plan.Variant;

/** Finds the files that a variant attaches to the app, and fills in its placeholders. */
public final class AttachedFiles {
  private final Project project;
  private final AgentJars agents;

  public AttachedFiles(Project project, AgentJars agents) {
    this.project = project;
    this.agents = agents;
  }

  /**
   * Returns the size of the files that the variant attaches. It is empty for Python's agent, which
   * is installed into the app's environment.
   */
  public OptionalLong bytesOnDisk(Variant variant) {
    if (variant.app() == Variant.App.BY_HAND) {
      return OptionalLong.of(
          Project.size(List.of(project.byHandJar())) - Project.size(List.of(project.diceJar())));
    }
    if (variant.app() == Variant.App.FLASK_INSTRUMENTED) {
      return OptionalLong.empty();
    }
    if (variant.attachment().size().isEmpty()) {
      return OptionalLong.of(
          variant.attachment().agent().isEmpty() ? 0 : Project.size(List.of(agents.get(variant))));
    }
    Map<String, String> values = values(variant);
    return OptionalLong.of(
        Project.size(
            variant.attachment().size().stream()
                .map(file -> Path.of(filled(variant, file, values)))
                .toList()));
  }

  /** Returns the values of the placeholders that stand for files. */
  Map<String, String> values(Variant variant) {
    Map<String, String> values = new HashMap<>();
    if (!variant.attachment().agent().isEmpty()) {
      values.put("agent", agents.get(variant).toString());
    }
    values.put("here", project.variants().toString());
    // Only for a variant that names them: the others do not need them built.
    String all = variant.attachment().jvm() + " " + variant.attachment().size();
    if (all.contains("{attach}")) {
      values.put("attach", project.attach().toString());
    }
    if (all.contains("{faults}")) {
      values.put("faults", project.faultsJar().toString());
    }
    return values;
  }

  /**
   * Writes agent-config's {@code otel.yaml} with the variant's changes into a folder.
   *
   * @throws LabException when a text that the variant changes is not there
   */
  Path config(Variant variant, Path work) {
    Path original = project.attach().resolve("otel.yaml");
    try {
      String text = Files.readString(original);
      for (var change : variant.attachment().config().entrySet()) {
        if (!text.contains(change.getKey())) {
          throw new LabException(
              "Variant %s changes '%s', which %s does not have: correct its config."
                  .formatted(variant.name(), change.getKey(), original));
        }
        text = text.replace(change.getKey(), change.getValue());
      }
      Files.createDirectories(work);
      return Files.writeString(work.resolve("otel.yaml"), text);
    } catch (IOException e) {
      throw new LabException("%s cannot be copied to %s.".formatted(original, work), e);
    }
  }

  /**
   * Fills in the placeholders of a text.
   *
   * @throws LabException when a placeholder has no value
   */
  static String filled(Variant variant, String text, Map<String, String> values) {
    String filled = text;
    for (var value : values.entrySet()) {
      filled = filled.replace("{" + value.getKey() + "}", value.getValue());
    }
    if (filled.matches("(?s).*\\{[a-z-]+}.*")) {
      throw new LabException(
          "Variant %s has '%s', which has an unknown placeholder.".formatted(variant.name(), text));
    }
    return filled;
  }
}
