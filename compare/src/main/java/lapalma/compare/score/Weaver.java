package lapalma.compare.score;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lapalma.compare.LabException;
import lapalma.compare.host.Subprocess;
import lapalma.compare.result.Json;

/**
 * Runs Weaver's live-check, OpenTelemetry's own check of the conventions, if the variable WEAVER
 * names the program. WEAVER_REGISTRY names the conventions; by default, those of the lab's version,
 * which Weaver fetches from GitHub.
 */
record Weaver(String program, String registry) {
  private static final String REGISTRY =
      "https://github.com/open-telemetry/semantic-conventions.git@v%s[model]";

  static Optional<Weaver> of(Map<String, String> environment, String version) {
    String program = environment.getOrDefault("WEAVER", "");
    return program.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Weaver(
                program, environment.getOrDefault("WEAVER_REGISTRY", REGISTRY.formatted(version))));
  }

  /**
   * Returns each finding with the number of times that it was made.
   *
   * @param work a folder for what the program reads
   * @throws LabException when the program fails
   */
  List<String> findings(Arrived arrived, Path work) {
    Path samples = work.resolve("weaver-samples.json");
    Json.write(samples, WeaverSamples.of(arrived));
    String report =
        Subprocess.run(
            List.of(
                program,
                "registry",
                "live-check",
                "--registry",
                registry,
                "--input-source",
                samples.toString(),
                "--input-format",
                "json",
                "--format",
                "json",
                "--no-stream",
                "--fail-on",
                "none"));
    try {
      return findings(Json.MAPPER.readTree(report));
    } catch (IOException e) {
      throw LabException.because("The report of %s cannot be read".formatted(program), e);
    }
  }

  private static List<String> findings(JsonNode report) {
    Map<String, Integer> counts = new TreeMap<>();
    for (JsonNode advice : report.findValues("all_advice")) {
      for (JsonNode finding : advice) {
        counts.merge(
            "%s %s: %s (%s)"
                .formatted(
                    finding.path("level").asText(),
                    finding.path("id").asText(),
                    finding.path("message").asText(),
                    (finding.path("signal_type").asText()
                            + " "
                            + finding.path("signal_name").asText())
                        .strip()),
            1,
            Integer::sum);
      }
    }
    List<String> findings = new ArrayList<>();
    // Violations first: they are the last of the three levels by their names.
    counts.forEach((text, count) -> findings.add(0, "%s, %d times".formatted(text, count)));
    return findings;
  }
}
