package lapalma.compare.host;

import com.fasterxml.jackson.annotation.JsonAlias;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The machine, the programs and the build that results were measured with: one for each session of
 * a run.
 *
 * @param jdks by major version
 * @param openLoads the generators of the open load; in older runs the version of vegeta
 * @param jar SHA-256 of the app's jar
 * @param attached SHA-256 of this project's files, by name; empty where no variant attaches them,
 *     and in older runs
 */
public record RunEnvironment(
    Instant at,
    String cpu,
    int cores,
    long memoryBytes,
    String kernel,
    String system,
    Map<Integer, String> jdks,
    String wrk,
    @JsonAlias("vegeta") String openLoads,
    String commit,
    String jar,
    Map<String, String> attached,
    List<String> jvmArguments) {

  public RunEnvironment {
    // Sessions of older runs have none.
    attached = Objects.requireNonNullElse(attached, Map.of());
  }

  /**
   * Describes this machine.
   *
   * @param jdkVersions major versions of the JDKs that the run uses, 0 for the lab's own
   */
  public static RunEnvironment here(
      Collection<Integer> jdkVersions,
      String openLoads,
      String commit,
      String jar,
      Map<String, String> attached,
      List<String> jvmArguments) {
    Map<Integer, String> jdks = new TreeMap<>();
    for (int version : jdkVersions) {
      Jdks.find(version, System.getenv())
          .ifPresent(
              home ->
                  jdks.put(version == 0 ? Runtime.version().feature() : version, version(home)));
    }
    return new RunEnvironment(
        Instant.now(),
        field(lines(Path.of("/proc/cpuinfo")), "model name", ":"),
        CpuPinning.OF_MACHINE,
        Long.parseLong(
                field(lines(Path.of("/proc/meminfo")), "MemTotal", ":").replaceAll("\\D", ""))
            * 1024,
        System.getProperty("os.version"),
        field(lines(Path.of("/etc/os-release")), "PRETTY_NAME", "=").replace("\"", ""),
        jdks,
        // wrk prints its version and its usage, and ends with 1.
        firstLine(Subprocess.run(List.of("sh", "-c", "wrk -v || true"))),
        openLoads,
        commit,
        jar,
        attached,
        jvmArguments);
  }

  /** Returns whether both sessions attached the same build of lapalma-agent, as far as is known. */
  public boolean sameAttached(RunEnvironment other) {
    return attached.isEmpty() || other.attached.isEmpty() || attached.equals(other.attached);
  }

  private static String version(Path home) {
    return field(lines(home.resolve("release")), "IMPLEMENTOR", "=").replace("\"", "")
        + " "
        + field(lines(home.resolve("release")), "JAVA_RUNTIME_VERSION", "=").replace("\"", "");
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("").strip();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of();
    }
  }

  private static String field(List<String> lines, String name, String separator) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(separator) + 1).strip())
        .findFirst()
        .orElse("unknown");
  }
}
