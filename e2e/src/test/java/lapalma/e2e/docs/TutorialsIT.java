package lapalma.e2e.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import lapalma.e2e.docs.Tutorial.Step;
import lapalma.process.Command;
import lapalma.process.ManagedProcess;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Does what the tutorials say, word for word, and sees what they show. */
@EnabledIf(
    value = "isRoot",
    disabledReason = "Only root may make a machine of its own for the reader of a tutorial")
class TutorialsIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** It may build first. */
  private static final Duration STARTS = Duration.ofMinutes(8);

  /** A trace takes half a second to its store, and a new app seconds to its first answer. */
  private static final Duration ARRIVES = Duration.ofSeconds(90);

  @TempDir private Path folder;

  static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/first-trace.md", "docs/attach.md"})
  void everyStepDoesWhatThePageShows(String page) throws Exception {
    List<Step> steps = Tutorial.read(ROOT.resolve(page)).steps();
    assertThat(steps).hasSizeGreaterThan(1);

    try (var machine = new Machine(ROOT, folder)) {
      // The tests run on a tree that is built.
      machine.run("mkdir -p target && pwd -P >target/built").orFail();
      for (Step step : steps) {
        switch (step.kind()) {
          case SAVE -> machine.save(step.path(), step.text());
          case STAYS -> stay(machine, step);
          case AGAIN -> {
            machine.endLast();
            stay(machine, step);
          }
          case RUN -> run(machine, step);
        }
      }
    }
  }

  private static void stay(Machine machine, Step step) {
    ManagedProcess process = machine.start(step.text());
    await(step.text())
        .atMost(STARTS)
        .failFast("it has ended", process::requireAlive)
        .untilAsserted(
            () -> assertThat(process.logText()).containsPattern(step.prints().orElseThrow()));
  }

  private static void run(Machine machine, Step step) {
    if (step.prints().isEmpty()) {
      machine.run(step.text()).orFail();
      return;
    }
    // A reader who is too fast for the stores would type it again.
    await(step.text())
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              Command done = machine.run(step.text());
              assertThat(done.output()).as(done.errors()).containsPattern(step.prints().get());
              assertThat(done.exitCode()).isZero();
            });
  }
}
