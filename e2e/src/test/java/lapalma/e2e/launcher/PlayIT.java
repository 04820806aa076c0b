package lapalma.e2e.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Children;
import lapalma.process.ManagedProcess;
import lapalma.stack.DiceProcess;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.RunFolder;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs {@code make play}, as the program behind it. The test itself stands in for make up. */
class PlayIT {
  private static final Duration SAYS = Duration.ofSeconds(60);

  private final Project project = SharedStack.project();
  private final Path folder = SharedStack.newFolder("play");
  private final Ports ports = FreePorts.forAll();
  private final RunFolder run = RunFolder.of(project.root(), ports);
  @AutoClose private final Closer closer = new Closer();

  @BeforeEach
  void deleteAfterwards() {
    closer.register(() -> MakeUp.delete(run));
  }

  @Test
  void withoutMakeUpThereIsNobodyToPlayWith() {
    MakeUp.assertRefused(
        MakeUp.play(ports.variables()),
        "make up does not run in this folder with PORT=%d: start it, or set PORT or PORT_OFFSET to the value that it was started with."
            .formatted(ports.of(Port.DICE)));
  }

  @Test
  void aMakeUpThatIsNotReadyYetIsWaitedFor() throws IOException {
    MakeUp.standIn(ports).setReady(false);

    MakeUp.assertRefused(
        MakeUp.play(ports.variables()),
        "make up is not ready yet: wait until it says 'Stop with Ctrl-C.'");
  }

  @Test
  void aPlayerThatEndsIsOneSentenceWithItsOwn() throws IOException {
    MakeUp.standIn(ports);
    Map<String, String> variables = new HashMap<>(ports.variables());
    variables.put("PLAYER_TARGET", "shop");

    MakeUp.assertRefused(
        MakeUp.play(variables),
        "The player ended with exit code 2. The last line of %s/player.log: PLAYER_TARGET is 'shop': set it to the address of a dice server, such as http://127.0.0.1:5000."
            .formatted(run.path()));
  }

  @Test
  void itPlaysWhetherDiceAnswersOrNotUntilCtrlC() throws IOException {
    MakeUp.standIn(ports);
    String dice = ports.url(Port.DICE);
    ManagedProcess play = closer.register(startPlay());

    awaitSaid(
        play,
        "Rolling 2 times a second at " + dice,
        dice
            + " does not answer (no connection). The player goes on and says when it answers"
            + " again.");
    ProcessHandle player = run.part("player").process().orElseThrow();
    MakeUp.assertRefused(
        MakeUp.play(ports.variables()),
        "A player already rolls there, as process %1$d: stop it with Ctrl-C, or with kill %1$d."
            .formatted(player.pid()));

    closer.register(DiceProcess.startBare(project, ports, folder, Map.of()));
    awaitSaid(play, dice + " answers again.");
    assertThat(player.isAlive()).isTrue();

    Children.signal("INT", ProcessHandle.of(play.pid()).orElseThrow());

    assertThat(play.awaitExit(MakeUp.ENDS)).isEqualTo(130);
    assertThat(player.isAlive()).isFalse();
    // The player's own lines are shown; the log also has those of the agent and of the JVM.
    assertThat(play.logText().lines()).hasSize(4).endsWith("Stopping player");
    List<String> log = new ArrayList<>(Files.readAllLines(run.path().resolve("player.log")));
    assertThat(log).containsAll(play.logText().lines().limit(3).toList());
    assertThat(log).anyMatch(line -> line.contains("opentelemetry-javaagent - version: "));
  }

  private ManagedProcess startPlay() {
    List<String> command = new ArrayList<>();
    // A test run in the background of a shell ignores SIGINT, and so do its children.
    command.addAll(List.of("env", "--default-signal=INT"));
    command.addAll(MakeUp.playLine());
    return ManagedProcess.start(
        "play", command, ports.variables(), project.root(), folder.resolve("play.log"));
  }

  private static void awaitSaid(ManagedProcess play, String... lines) {
    await()
        .atMost(SAYS)
        .failFast("make play has ended", play::requireAlive)
        .untilAsserted(() -> assertThat(play.logText().lines()).contains(lines));
  }
}
