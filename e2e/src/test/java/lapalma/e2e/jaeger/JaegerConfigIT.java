package lapalma.e2e.jaeger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Command;
import lapalma.stack.Project;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs Jaeger's own check of its configurations, in each combination that is deployed. */
class JaegerConfigIT {
  /** The files of make up run unchanged on every version that is accepted. */
  private static final Set<String> NEVER_ADAPTED = Set.of("config.yaml", "tail-sampling.yaml");

  private final Project project = SharedStack.project();
  private final Path folder = SharedStack.newFolder("jaeger-config");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "config.yaml",
        "config.yaml,tail-sampling.yaml",
        "collector.yaml",
        "ingester.yaml",
        "ingester.yaml,tail-sampling.yaml,ingester-tail-sampling.yaml",
        "query.yaml",
      })
  void jaegerTakesEachCombination(String files) {
    List<String> command = new ArrayList<>(List.of(project.jaeger().toString(), "validate"));
    for (String file : files.split(",")) {
      String configuration =
          NEVER_ADAPTED.contains(file)
              ? "jaeger/" + file
              : JaegerFile.of(project, "jaeger/" + file, folder);
      command.addAll(List.of("--config", configuration));
    }

    Command validated = Command.run(project.root(), Map.of(), command);

    assertThat(validated.exitCode()).as(validated.errors()).isZero();
    System.out.printf("%s: %s%n", files, warnings(validated));
  }

  /** Returns Jaeger's output without its version, such as that a name is deprecated. */
  private static List<String> warnings(Command validated) {
    return validated.errors().lines().filter(line -> !line.contains("git-version")).toList();
  }

  /** Jaeger weights sampled spans, and so counts what agents keep beside them already. */
  @Test
  void spanMetricsLeaveOutWhatAgentsKept() throws Exception {
    List<String> counting = new ArrayList<>();
    try (Stream<Path> files = Files.list(project.root().resolve("jaeger"))) {
      for (Path file : files.filter(one -> one.toString().endsWith(".yaml")).toList()) {
        String text = Files.readString(file);
        if (text.contains("spanmetrics")) {
          counting.add(file.getFileName().toString());
          assertThat(text)
              .as(file.toString())
              .containsPattern("processors: \\[.*filter/kept]\n +exporters: \\[spanmetrics]\n")
              .contains("span: ['attributes[\"sampling.reason\"] != nil']");
        }
      }
    }
    assertThat(counting).containsExactlyInAnyOrder("config.yaml", "collector.yaml");
  }

  @Test
  void noFileIsLeftOut() throws Exception {
    ValueSource combinations =
        JaegerConfigIT.class
            .getDeclaredMethod("jaegerTakesEachCombination", String.class)
            .getAnnotation(ValueSource.class);
    Set<String> checked =
        Arrays.stream(combinations.strings())
            .flatMap(files -> Stream.of(files.split(",")))
            .collect(Collectors.toSet());
    try (Stream<Path> files = Files.list(project.root().resolve("jaeger"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(file -> file.endsWith(".yaml"))
          .containsExactlyInAnyOrderElementsOf(checked);
    }
  }
}
