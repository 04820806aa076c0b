package lapalma.compare.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lapalma.compare.LabException;
import lapalma.compare.host.Project;
import lapalma.compare.host.Subprocess;
import lapalma.compare.plan.App;

/** Makes the class archives from which some variants start, once in a run. */
public final class ClassArchives {
  private final Project project;
  private final Jars jars;
  private final App app;
  private final Path folder;

  /**
   * Prepares the archives of a run.
   *
   * @param app that the run measures, and that the JVM runs to make an archive
   */
  public ClassArchives(Project project, Jars jars, App app, Path folder) {
    this.project = project;
    this.jars = jars;
    this.app = app;
    this.folder = folder;
  }

  /**
   * Returns the archive for a JDK: of the agent as agent-config attaches it, or of the app alone.
   *
   * @throws LabException when the JDK makes no archive
   */
  Path get(Path jdk, boolean ofTheAgent) {
    // The whole path: /opt/25/jdk and /opt/26/jdk are not the same JDK.
    String name = jdk.toString().replace('/', '-').substring(1);
    Path archive = folder.resolve("%s-%s.aot".formatted(name, ofTheAgent ? "agent" : "app"));
    if (!Files.exists(archive)) {
      Path maker = project.attach().resolve("class-archive.jar");
      List<String> command =
          new ArrayList<>(List.of(jdk.resolve("bin/java").toString(), "-jar", maker.toString()));
      if (!ofTheAgent) {
        command.add("--no-agent");
      }
      command.add(archive.toString());
      command.add(jars.of(app).toString());
      app.requests().stream()
          .filter(request -> request.status() != 404)
          .map(App.Request::pathOnly)
          .distinct()
          .forEach(command::add);
      if (!app.metrics().isEmpty()) {
        command.add(app.metrics());
      }
      Subprocess.run(command);
    }
    if (!Files.exists(archive)) {
      throw new LabException("%s makes no archive of classes.".formatted(jdk));
    }
    return archive;
  }
}
