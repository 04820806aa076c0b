package lapalma.agent.seal;

import io.opentelemetry.javaagent.tooling.AgentExtension;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/** The jars from which this JVM takes classes of the app and of the agent. */
final class Jars {
  private Jars() {}

  /** Those of the class path, those that they name in their manifests, and the agent's. */
  static Set<Path> ofThisJvm() throws IOException {
    Set<Path> jars = ofTheClassPath();
    jars.add(
        Path.of(
            URI.create(
                AgentExtension.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toString())));
    String extensions = setting("otel.javaagent.extensions");
    if (extensions != null) {
      for (String one : extensions.split(",")) {
        Path path = Path.of(one.strip());
        jars.add(path);
        if (Files.isDirectory(path)) {
          try (var files = Files.list(path)) {
            files.sorted().forEach(jars::add);
          }
        }
      }
    }
    return jars;
  }

  static Set<Path> ofTheClassPath() throws IOException {
    Set<Path> found = new LinkedHashSet<>();
    Deque<Path> toRead = new ArrayDeque<>();
    Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .forEach(toRead::add);
    while (!toRead.isEmpty()) {
      Path jar = toRead.poll();
      if (found.add(jar) && Files.isRegularFile(jar)) {
        try (var open = new JarFile(jar.toFile())) {
          var manifest = open.getManifest();
          String names =
              manifest == null
                  ? null
                  : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
          if (names != null) {
            for (String name : names.strip().split(" +")) {
              URI uri = jar.toUri().resolve(name);
              if ("file".equals(uri.getScheme())) {
                toRead.add(Path.of(uri));
              }
            }
          }
        }
      }
    }
    return found;
  }

  /** A setting of the agent as it reads it before it has a configuration; null if it is not set. */
  static @Nullable String setting(String property) {
    String value = System.getProperty(property);
    return value != null
        ? value
        : System.getenv(property.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_'));
  }
}
