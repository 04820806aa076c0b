package lapalma.compare.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import lapalma.compare.LabException;
import lapalma.compare.plan.App;

/** A copy of agent-config's otel.yaml with the modules of an app's server. */
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
}
