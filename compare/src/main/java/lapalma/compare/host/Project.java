package lapalma.compare.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import lapalma.compare.LabException;

/**
 * The files of the repository, and the files that the build makes.
 *
 * @param root the repository's root
 */
public record Project(Path root) {

  public Path variants() {
    return root.resolve("compare/variants");
  }

  public Path faultsJar() {
    return built("stack/faults/target/faults.jar");
  }

  public Path lapalmaAgent() {
    return built("agent-config/target/lapalma-agent.jar");
  }

  public Path fastStart() {
    return built("agent-config/fast-start.args");
  }

  private Path built(String path) {
    Path file = root.resolve(path);
    if (!Files.exists(file)) {
      throw new LabException("%s is not built: make compare-smoke builds it.".formatted(file));
    }
    return file;
  }

  /** The folder that keeps programs and agents between runs. */
  public Path tools() {
    String set = System.getenv().getOrDefault("TOOLS_DIR", "");
    return set.isEmpty() ? root.resolve(".tools") : Path.of(set).toAbsolutePath();
  }

  /**
   * Returns a load generator: that of an archive of the lab, or one that is built from its module
   * the first time.
   *
   * @param folder of its module, relative to the root
   */
  public Path generator(String folder) {
    Path packed = root.resolve("bin").resolve(Path.of(folder).getFileName());
    if (Files.exists(packed)) {
      return packed;
    }
    String finder = root.resolve("tools/find-program").toString();
    return Path.of(Subprocess.run(List.of(finder, folder), root));
  }

  /** Returns the commit of the build, and says so where files differ from it. */
  public String commit() {
    try {
      Path packed = root.resolve("COMMIT");
      if (Files.exists(packed)) {
        return Files.readString(packed).strip();
      }
      String hash = Subprocess.run(List.of("git", "rev-parse", "HEAD"), root);
      String changes =
          Subprocess.run(List.of("git", "status", "--porcelain", "--untracked-files=no"), root);
      return changes.isBlank() ? hash : hash + ", with changes";
    } catch (LabException | IOException e) {
      return "not a git repository";
    }
  }

  /** Returns the total size of files and folders in bytes. */
  public static long size(List<Path> files) {
    return files.stream().collect(Collectors.summingLong(Project::size));
  }

  private static long size(Path file) {
    try {
      if (Files.isDirectory(file)) {
        try (var inside = Files.list(file)) {
          return size(inside.toList());
        }
      }
      return Files.size(file);
    } catch (IOException e) {
      throw LabException.because("%s cannot be measured".formatted(file), e);
    }
  }
}
