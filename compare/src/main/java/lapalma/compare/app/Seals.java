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
   * Returns the folder of a seal for a JDK: of the app with agent-config, or with no agent, and
   * then it is only a cache of the app's classes.
   *
   * @throws LabException when the JDK makes none
   */
  Path get(Path jdk, boolean withAgent) {
    // The whole path: /opt/25/jdk and /opt/26/jdk are not the same JDK.
    String name = jdk.toString().replace('/', '-').substring(1);
    Path sealed = folder.resolve("%s-%s".formatted(name, withAgent ? "agent" : "app"));
    if (!Files.exists(sealed.resolve("cache.aot"))) {
      int port = FreePort.find();
      Path attach = project.attach();
      List<String> command =
          new ArrayList<>(
              List.of(
                  "env",
                  "PORT=" + port,
                  jdk.resolve("bin/java").toString(),
                  "-jar",
                  attach.resolve("seal.jar").toString(),
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
      if (withAgent) {
        command.addAll(
            List.of("@" + attach.resolve("jvm.args"), "@" + attach.resolve("fast-start.args")));
      }
      command.addAll(List.of("-jar", jars.of(app).toString()));
      Subprocess.run(command);
    }
    if (!Files.exists(sealed.resolve("cache.aot"))) {
      throw new LabException("%s caches no classes.".formatted(jdk));
    }
    return sealed;
  }
}
