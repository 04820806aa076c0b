package lapalma.compare.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lapalma.compare.LabException;
import lapalma.compare.host.Project;
import lapalma.compare.host.Subprocess;

/** Makes the class archives from which some variants start, once in a run. */
public final class ClassArchives {
  private final Project project;
  private final Path folder;

  public ClassArchives(Project project, Path folder) {
    this.project = project;
    this.folder = folder;
  }

  /**
   * Returns the archive for a JDK: of the agent as agent-config attaches it, or of the app alone.
   *
   * @throws LabException when the JDK makes no archive
   */
  Path get(Path jdk, boolean ofTheAgent) {
    Path archive =
        folder.resolve("%s-%s.aot".formatted(jdk.getFileName(), ofTheAgent ? "agent" : "app"));
    if (!Files.exists(archive)) {
      Path maker = project.attach().resolve("class-archive.jar");
      List<String> command =
          new ArrayList<>(List.of(jdk.resolve("bin/java").toString(), "-jar", maker.toString()));
      if (!ofTheAgent) {
        command.add("--no-agent");
      }
      command.add(archive.toString());
      command.add(project.diceJar().toString());
      Subprocess.run(command);
    }
    if (!Files.exists(archive)) {
      throw new LabException("%s makes no archive of classes.".formatted(jdk));
    }
    return archive;
  }
}
