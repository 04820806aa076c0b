package lapalma.compare.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
      int port = FreePort.find();
      List<String> command =
          new ArrayList<>(
              List.of(
                  "env",
                  "PORT=" + port,
                  jdk.resolve("bin/java").toString(),
                  "-jar",
                  project.attach().resolve("lapalma-agent.jar").toString(),
                  "seal",
                  "--output",
                  sealed.toString()));
      List<String> paths =
          new ArrayList<>(
              app.requests().stream()
                  .filter(request -> request.status() != 404)
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
      command.addAll(List.of("--", jdk.resolve("bin/java").toString(), AppLauncher.COLLECTOR));
      command.addAll(arguments);
      command.addAll(List.of("-jar", jars.of(app).toString()));
      Subprocess.run(command);
    }
    if (!Files.exists(sealed.resolve("cache.aot"))) {
      throw new LabException("%s caches no classes.".formatted(jdk));
    }
    return sealed;
  }
}
