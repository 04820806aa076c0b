package lapalma.compare.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import lapalma.compare.LabException;
import lapalma.compare.plan.App;
import lapalma.compare.plan.Variant;

/** Copies of agent-config's otel.yaml that differ from it in some texts. */
record OtelConfig(Path attach) {
  private static final Pattern ENABLED =
      Pattern.compile("(?m)^( *enabled: \\[)undertow_server[^\\]]*]");

  /** Writes the file for a server other than Undertow: its line of modules is the app's. */
  Path write(App app, Path folder) {
    Path original = attach.resolve("otel.yaml");
    try {
      String text = Files.readString(original);
      var enabled = ENABLED.matcher(text);
      if (!enabled.find()) {
        throw new LabException("%s has no line that enables undertow_server.".formatted(original));
      }
      return Files.writeString(
          Files.createDirectories(folder).resolve("otel.yaml"),
          enabled.replaceFirst("$1" + String.join(", ", app.otelModules()) + "]"));
    } catch (IOException e) {
      throw LabException.because("%s cannot be copied".formatted(original), e);
    }
  }

  /**
   * Writes the file with a variant's changes into a folder.
   *
   * @throws LabException when a text that the variant changes is not there
   */
  Path write(Variant variant, Path folder) {
    Path original = attach.resolve("otel.yaml");
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
      return Files.writeString(Files.createDirectories(folder).resolve("otel.yaml"), text);
    } catch (IOException e) {
      throw LabException.because("%s cannot be copied to %s".formatted(original, folder), e);
    }
  }
}
