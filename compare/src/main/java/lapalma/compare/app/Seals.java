package lapalma.compare.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import lapalma.compare.LabException;
import lapalma.compare.host.Project;
import lapalma.compare.host.Subprocess;
import lapalma.compare.plan.App;
import lapalma.process.FreePort;

/** Seals the app for the variants that start so, once in a run. */
public final class Seals {
  private final Project project;
  private final Jars jars;
  private final App app;
  private final Path folder;

  /**
   * Prepares the seals of a run.
   *
   * @param app that the run measures, and that is sealed
   */
  public Seals(Project project, Jars jars, App app, Path folder) {
    this.project = project;
    this.jars = jars;
    this.app = app;
    this.folder = folder;
  }

  /**
   * Returns the folder of a variant's seal. A seal holds only for the configuration of the agent
   * with which it was made; without an agent, it is only a cache of the app's classes.
   *
   * @throws LabException when the JDK makes none
   */
  Path get(String variant, Path jdk, List<String> arguments) {
    Path sealed = folder.resolve(variant);
    if (!Files.exists(sealed.resolve("cache.aot"))) {
      try (var called = new CalledService()) {
        Subprocess.run(command(sealed, jdk, arguments, called));
      }
    }
    if (!Files.exists(sealed.resolve("cache.aot"))) {
      throw new LabException("%s caches no classes.".formatted(jdk));
    }
    return sealed;
  }

  /**
   * Returns the jar that a variant with a seal starts. The JVM caches no classes of jars within a
   * jar, so this extracts Spring Boot's.
   */
  Path jar(Path jdk) {
    Path jar = jars.of(app);
    Path destination = folder.resolve("extracted");
    Path extracted = destination.resolve(jar.getFileName());
    if (!Files.exists(extracted) && isOfSpringBoot(jar)) {
      Subprocess.run(
          List.of(
              jdk.resolve("bin/java").toString(),
              "-Djarmode=tools",
              "-jar",
              jar.toString(),
              "extract",
              "--destination",
              destination.toString()));
    }
    return Files.exists(extracted) ? extracted : jar;
  }

  private static boolean isOfSpringBoot(Path jar) {
    try (var open = new JarFile(jar.toFile())) {
      return open.getEntry("BOOT-INF/") != null;
    } catch (IOException e) {
      throw LabException.because("%s cannot be read".formatted(jar), e);
    }
  }

  private List<String> command(
      Path sealed, Path jdk, List<String> arguments, CalledService called) {
    int port = FreePort.find();
    String java = jdk.resolve("bin/java").toString();
    List<String> command = new ArrayList<>(List.of("env"));
    app.program()
        .environment()
        .forEach(
            (name, value) ->
                command.add(name + "=" + (value.equals("{port}") ? port : called.url())));
    command.addAll(List.of(java, "-jar", project.lapalmaAgent().toString()));
    command.addAll(List.of("seal", "--output", sealed.toString()));
    List<String> paths =
        new ArrayList<>(
            app.requests().stream()
                .filter(request -> request.status() != 404 && request.post().isEmpty())
                .map(App.Request::pathOnly)
                .distinct()
                .toList());
    if (!app.metrics().isEmpty()) {
      paths.add(app.metrics());
    }
    String url = "http://127.0.0.1:" + port;
    command.addAll(List.of("--ready", url + paths.get(0)));
    paths.forEach(path -> command.addAll(List.of("--warm-up", url + path)));
    // A cache fits the collector with which it was made.
    command.addAll(List.of("--", java, app.load().collector().flag()));
    command.addAll(arguments);
    command.addAll(List.of("-jar", jar(jdk).toString()));
    return command;
  }
}
