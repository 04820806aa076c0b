package lapalma.e2e.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.SharedStack;
import lapalma.stack.Ports;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Checks that nothing is left of a {@code make up} that is interrupted before its report, or
 * killed.
 */
class UpInterruptIT {
  private static final Duration BEGINS = Duration.ofMinutes(1);

  private final Path folder = SharedStack.newFolder("up-interrupt");
  private final Ports ports = FreePorts.forAll();

  /** A program that prints its version and then hangs. */
  private static final String HANGS =
      """
      case $1 in
        version) echo 2.13.0; exit ;;
        --version) echo 3.14.0; exit ;;
        -version) echo 1.52.1; exit ;;
      esac
      exec sleep 600
      """;

  /** The step at which a start is interrupted, and the program that holds it there. */
  enum Step {
    SEARCH("JAEGER", "exec sleep 600", "Stopping the search for jaeger\n"),
    JAEGER("JAEGER", HANGS, "Stopping jaeger\n"),
    PROMETHEUS("PROMETHEUS", HANGS, "Stopping prometheus\nStopping jaeger\n"),
    VICTORIA_LOGS(
        "VICTORIA_LOGS", HANGS, "Stopping victoria-logs\nStopping prometheus\nStopping jaeger\n"),
    DICE("", "", "Stopping dice\nStopping victoria-logs\nStopping prometheus\nStopping jaeger\n"),
    REPORT("", "", "Stopping dice\nStopping victoria-logs\nStopping prometheus\nStopping jaeger\n");

    private final String variable;
    private final String program;
    private final String said;

    Step(String variable, String program, String said) {
      this.variable = variable;
      this.program = program;
      this.said = said;
    }

    private void assertBegun(MakeUp up) {
      switch (this) {
        case SEARCH ->
            assertThat(up.processes())
                .extracting(process -> process.info().command().orElse(""))
                .anyMatch(command -> command.endsWith("/sleep"));
        case REPORT -> assertThat(up.said()).contains("All four are ready");
        default -> {
          String part = name().toLowerCase(Locale.ROOT).replace('_', '-');
          assertThat(up.folder().part(part).process()).as(up.said()).isPresent();
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SEARCH, INT, 130",
    "JAEGER, INT, 130",
    "PROMETHEUS, TERM, 143",
    "VICTORIA_LOGS, INT, 130",
    "DICE, INT, 130",
    "DICE, TERM, 143",
    "REPORT, INT, 130",
  })
  void anInterruptOfAStartLeavesNothingBehind(Step step, String signal, int exitCode)
      throws IOException {
    Map<String, String> set =
        step.variable.isEmpty() ? Map.of() : Map.of(step.variable, script(step.program));

    try (MakeUp up = new MakeUp("up", folder, ports, set)) {
      await(step + " has begun")
          .atMost(BEGINS)
          .pollInterval(Duration.ofMillis(10))
          .failFast("make up has ended", up.launcher()::requireAlive)
          .untilAsserted(() -> step.assertBegun(up));

      up.signal(signal);

      assertThat(up.awaitExit()).isEqualTo(exitCode);
      assertThat(up.processes()).isEmpty();
      assertThat(up.said())
          .endsWith(step.said)
          .doesNotContain("exit code")
          .doesNotContain("cannot be installed")
          .doesNotContain("\tat ");
    }
  }

  /** Makes an executable and returns its path. */
  private String script(String text) throws IOException {
    Path script = Files.writeString(folder.resolve("program"), "#!/bin/sh\n" + text);
    assertThat(script.toFile().setExecutable(true)).isTrue();
    return script.toString();
  }

  @Test
  void aPrometheusThatDoesNotStartEndsTheOthersAndIsNamedWithItsLastLines() throws IOException {
    String failing = script("case $1 in --version) echo 3.14.0; exit;; esac\necho No disk\nexit 7");

    try (MakeUp up = new MakeUp("up", folder, ports, Map.of("PROMETHEUS", failing))) {
      assertThat(up.awaitExit()).isEqualTo(1);
      assertThat(up.processes()).isEmpty();
      assertThat(up.said())
          .endsWith(
              """
              prometheus ended with exit code 7. The last lines of %s/prometheus.log:
              No disk
              Stopping blackbox-exporter
              Stopping dice
              Stopping victoria-logs
              Stopping jaeger
              """
                  .formatted(up.folder().path()));
    }
  }

  @Test
  void aDiceThatDoesNotStartEndsTheOthersAndIsNamedWithItsLastLines() {
    try (MakeUp up = new MakeUp("up", folder, ports, Map.of("LOG_LEVEL", "loud"))) {
      assertThat(up.awaitExit()).isEqualTo(1);
      assertThat(up.processes()).isEmpty();
      assertThat(up.said())
          .contains(
              "dice ended with exit code 2. The last lines of %s/dice.log:\n"
                  .formatted(up.folder().path()))
          .contains("LOG_LEVEL is 'loud'")
          .endsWith("Stopping victoria-logs\nStopping prometheus\nStopping jaeger\n");
    }
  }

  @Test
  void theNextOneEndsWhatAKilledOneHasLeftAndStarts() {
    try (MakeUp killed = new MakeUp("killed", folder, ports, Map.of())) {
      killed.awaitReport();
      List<ProcessHandle> left =
          List.of(
              killed.part("blackbox-exporter"),
              killed.part("dice"),
              killed.part("victoria-logs"),
              killed.part("prometheus"),
              killed.part("jaeger"));
      killed.signal("KILL");
      killed.awaitExit();
      assertThat(left).allMatch(ProcessHandle::isAlive);

      try (MakeUp next = new MakeUp("next", folder, ports, Map.of())) {
        next.awaitReport();

        assertThat(left).noneMatch(ProcessHandle::isAlive);
        assertThat(next.said())
            .startsWith(
                """
                Stopping blackbox-exporter (process %d), left by a make up that was killed
                Stopping dice (process %d), left by a make up that was killed
                Stopping victoria-logs (process %d), left by a make up that was killed
                Stopping prometheus (process %d), left by a make up that was killed
                Stopping jaeger (process %d), left by a make up that was killed
                """
                    .formatted(left.stream().map(ProcessHandle::pid).toArray()));
      }
    }
  }
}
