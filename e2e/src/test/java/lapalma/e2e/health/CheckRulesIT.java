package lapalma.e2e.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Command;
import org.junit.jupiter.api.Test;

/**
 * Runs {@code tools/check-rules} on a copy of the rules with the tests of one alert, DiceUnfair.
 */
class CheckRulesIT {
  private static final String NOT_RESOLVED =
      "Alert DiceUnfair has no test in prometheus/tests that sees it quiet, then firing, then quiet again.";
  private static final String AFTER =
      """
            - eval_time: 140m
              alertname: DiceUnfair
              exp_alerts: []
      """;

  private final Path root = SharedStack.project().root();
  private final Path copy = SharedStack.newFolder("check-rules");

  @Test
  void anAlertThatIsSeenQuietFiringAndQuietAgainIsTested() throws IOException {
    assertThat(complaints(tests -> tests))
        .contains("Alert DiceDown has no test in prometheus/tests")
        .doesNotContain("DiceUnfair");
  }

  @Test
  void anAlertThatIsNotSeenToResolveIsNotTested() throws IOException {
    assertThat(complaints(tests -> without(tests, AFTER))).contains(NOT_RESOLVED);
  }

  @Test
  void anAlertThatIsQuietOnlyBeforeItFiresIsNotTested() throws IOException {
    assertThat(complaints(tests -> replaced(tests, "eval_time: 140m", "eval_time: 50m")))
        .contains(NOT_RESOLVED);
  }

  @Test
  void anAlertThatIsQuietWithOtherSeriesIsNotTested() throws IOException {
    assertThat(
            complaints(
                tests ->
                    without(tests, AFTER)
                        + """
                            - name: Nothing is rolled
                              input_series: []
                              alert_rule_test:
                          """
                        + AFTER))
        .contains(NOT_RESOLVED);
  }

  @Test
  void anAlertWithoutASectionInTheRunbookIsNamed() throws IOException {
    lay(tests -> tests);
    Path runbook = copy.resolve("docs/runbook.md");
    Files.writeString(
        runbook, replaced(Files.readString(runbook), "### DiceUnfair", "### Dice that is unfair"));

    assertThat(check()).contains("Alert DiceUnfair has no section in docs/runbook.md.");
  }

  @Test
  void aLatencyObjectiveThatNoBucketMeasuresIsNamed() throws IOException {
    lay(tests -> tests);
    Path objectives = copy.resolve("prometheus/rules/objectives.yml");
    Files.writeString(
        objectives, replaced(Files.readString(objectives), "le: \"0.25\"", "le: \"0.3\""));

    assertThat(check())
        .contains(
            "objectives.yml: le 0.3 is no bound of the agent's buckets: 0.005 0.01 0.025 0.05 ")
        .doesNotContain("le 0.1 is no bound");
  }

  @Test
  void aTestThatEvaluatesAtAnotherIntervalIsNamed() throws IOException {
    assertThat(
            complaints(
                tests -> replaced(tests, "evaluation_interval: 15s", "evaluation_interval: 3s")))
        .contains("prometheus/tests/correctness.yml: set evaluation_interval to 15s, as in");
  }

  private static String without(String text, String part) {
    return replaced(text, part, "");
  }

  private static String replaced(String text, String part, String replacement) {
    assertThat(text).contains(part);
    return text.replace(part, replacement);
  }

  /**
   * Returns what the check says of the tests of DiceUnfair; the other alerts have no tests here.
   */
  private String complaints(UnaryOperator<String> change) throws IOException {
    lay(change);
    return check();
  }

  private void lay(UnaryOperator<String> change) throws IOException {
    for (String folder : new String[] {"prometheus", "tools"}) {
      try (Stream<Path> files = Files.walk(root.resolve(folder))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Path to = copy.resolve(root.relativize(file).toString());
          Files.createDirectories(to.getParent());
          Files.copy(file, to);
        }
      }
    }
    Files.createDirectories(copy.resolve("docs"));
    Files.copy(root.resolve("docs/runbook.md"), copy.resolve("docs/runbook.md"));
    try (Stream<Path> files = Files.list(copy.resolve("prometheus/tests"))) {
      for (Path file : files.toList()) {
        if (!file.endsWith("correctness.yml")) {
          Files.delete(file);
        }
      }
    }
    Path tests = copy.resolve("prometheus/tests/correctness.yml");
    Files.writeString(tests, change.apply(Files.readString(tests)));
  }

  private String check() {
    String tools = System.getenv().getOrDefault("TOOLS_DIR", root.resolve(".tools").toString());
    Command check =
        Command.run(
            copy,
            Map.of("TOOLS_DIR", tools),
            List.of(copy.resolve("tools/check-rules").toString()));
    // The check fails in any case, for the alerts without tests here.
    assertThat(check.exitCode()).as(check.errors()).isEqualTo(1);
    return check.errors();
  }
}
