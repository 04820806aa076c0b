package lapalma.compare.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import lapalma.compare.LabException;
import lapalma.compare.plan.Variant;

/** Reads from their jars which versions the variants attach. */
public final class AgentVersions {
  /** Where OpenTelemetry's SDK states its version: in a plain jar, and in the Java agent's. */
  private static final List<String> SDK =
      List.of(
          "io/opentelemetry/sdk/version.properties",
          "inst/io/opentelemetry/sdk/version.properties");

  private final AttachedFiles attachedFiles;

  public AgentVersions(AttachedFiles attachedFiles) {
    this.attachedFiles = attachedFiles;
  }

  /**
   * Returns the agent and the SDK inside, such as {@code splunk-otel-javaagent 2.24.0, SDK 1.57.0}.
   */
  public String of(Variant variant) {
    List<String> parts = new ArrayList<>();
    String[] coordinates = variant.attachment().agent().split(":");
    if (coordinates.length > 2) {
      parts.add(coordinates[1] + " " + coordinates[2]);
    }
    for (Path file : attachedFiles.instrumentation(variant)) {
      try (var jar = new JarFile(file.toFile())) {
        if (parts.isEmpty()) {
          parts.addAll(agent(file, jar.getManifest()));
        }
        parts.addAll(sdk(jar));
      } catch (IOException e) {
        throw LabException.because("%s cannot be read".formatted(file), e);
      }
    }
    return String.join(", ", parts);
  }

  /** Returns what a manifest says of an agent; nothing where the jar is an app. */
  private static List<String> agent(Path file, Manifest manifest) {
    Attributes main = manifest.getMainAttributes();
    String version = main.getValue("Implementation-Version");
    return main.getValue("Premain-Class") == null || version == null
        ? List.of()
        : List.of(file.getFileName().toString().replace(".jar", " ") + version);
  }

  private static List<String> sdk(JarFile jar) throws IOException {
    for (String name : SDK) {
      if (jar.getEntry(name) != null) {
        var properties = new Properties();
        try (InputStream stream = jar.getInputStream(jar.getEntry(name))) {
          properties.load(stream);
        }
        return List.of("SDK " + properties.getProperty("sdk.version"));
      }
    }
    return List.of();
  }
}
