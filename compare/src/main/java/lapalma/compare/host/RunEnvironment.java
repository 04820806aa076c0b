package lapalma.compare.host;

import com.fasterxml.jackson.annotation.JsonAlias;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lapalma.compare.app.AgentJars;
import lapalma.compare.app.AppLauncher;
import lapalma.compare.load.OpenLoads;
import lapalma.compare.plan.Variant;
import lapalma.compare.plan.Workload;

/**
 * On what, and of what, results were measured: one for each sitting of a run.
 *
 * @param jdks by major version
 * @param openLoads the generators of the open load; of older runs the version of vegeta
 * @param jar SHA-256 of the app's jar
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
    List<String> jvmArguments) {

  public static RunEnvironment here(
      Project project, List<Variant> variants, OpenLoads openLoads, CpuPinning cores) {
    Map<Integer, String> jdks = new TreeMap<>();
    for (Variant variant : variants) {
      Jdks.find(variant.jdk(), System.getenv())
          .ifPresent(
              home ->
                  jdks.put(
                      variant.jdk() == 0 ? Runtime.version().feature() : variant.jdk(),
                      version(home)));
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
        // It prints its version and its usage, and ends with 1.
        firstLine(Subprocess.run(List.of("sh", "-c", "wrk -v || true"))),
        openLoads.versions(),
        project.commit(),
        AgentJars.sha256(project.diceJar()),
        AppLauncher.jvm(Workload.USUAL, cores));
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
