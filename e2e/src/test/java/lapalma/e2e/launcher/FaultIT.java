package lapalma.e2e.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Command;
import lapalma.process.ManagedProcess;
import lapalma.stack.DiceProcess;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.RunFolder;
import lapalma.stack.api.Http;
import lapalma.stack.api.PrometheusApi;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs {@code make fault}, as the program behind it. */
class FaultIT {
  /** TargetMissing waits for 30 s after the first failed scrape. */
  private static final Duration ALERTED = Duration.ofMinutes(2);

  private final Project project = SharedStack.project();
  private final Path folder = SharedStack.newFolder("fault");
  private final Ports ports = FreePorts.forAll();
  @AutoClose private final Closer closer = new Closer();

  @ParameterizedTest
  @ValueSource(strings = {"kill", "jaeger", "errors", "none"})
  void aStrangerOnThePortIsLeftAlone(String fault) throws IOException {
    try (DiceProcess stranger = DiceProcess.startBare(project, ports, folder, Map.of())) {
      Command refused = MakeUp.fault(fault, ports.variables());

      MakeUp.assertRefused(
          refused,
          "make up does not run in this folder with PORT=%d: start it, or set PORT or PORT_OFFSET to the value that it was started with."
              .formatted(ports.of(Port.DICE)));
      assertThat(stranger.get("/").statusCode()).isEqualTo(200);
      assertThat(stranger.process().logText()).doesNotContain("agent");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kill", "errors"})
  void aStrangerThatHasGotThePidOfDiceIsLeftAlone(String fault) throws IOException {
    RunFolder run = MakeUp.standIn(ports);
    closer.register(() -> MakeUp.delete(run));
    try (ManagedProcess stranger =
        ManagedProcess.start(
            "stranger", List.of("sleep", "600"), Map.of(), folder, folder.resolve("log"))) {
      Files.writeString(
          run.path().resolve("dice.pid"), stranger.pid() + " 2026-01-01T00:00:00.010Z");

      Command refused = MakeUp.fault(fault, ports.variables());

      MakeUp.assertRefused(
          refused, "make up is ending, because dice does not run: run make up again.");
      assertThat(stranger.isAlive()).isTrue();
    }
  }

  @Test
  void aFaultThatThereIsNotIsOneSentence() {
    MakeUp.assertRefused(
        MakeUp.fault("rain", ports.variables()),
        "FAULT is 'rain': set it to errors, slow, loaded, hang, memory, kill, jaeger or none.");
  }

  @Test
  void aKilledDiceIsMissingAndAlertedUntilTheFaultEnds() throws IOException {
    try (MakeUp up = new MakeUp("up", folder, ports, Map.of());
        MakeUp other = new MakeUp("other", folder, FreePorts.forAll(), Map.of())) {
      await("dice has begun to start")
          .atMost(ALERTED)
          .failFast("make up has ended", up.launcher()::requireAlive)
          .untilAsserted(
              () -> assertThat(up.folder().part("dice").process()).as(up.said()).isPresent());
      MakeUp.assertRefused(
          up.fault("kill"), "make up is not ready yet: wait until it says 'Stop with Ctrl-C.'");
      up.awaitReport();
      other.awaitReport();
      ProcessHandle killed = up.part("dice");
      ProcessHandle beside = other.part("dice");

      assertThat(up.fault("kill"))
          .extracting(Command::exitCode, Command::output, Command::errors)
          .containsExactly(0, "Fault kill is on: make fault FAULT=none ends it", "");

      await("dice has ended")
          .untilAsserted(() -> assertThat(killed.isAlive()).as(killed.info().toString()).isFalse());
      awaitMissing(up, List.of("dice", "dice-agent"));
      assertThat(up.said())
          .endsWith("dice was killed by make fault, and stays away until make fault FAULT=none.\n");
      for (String more : List.of("kill", "errors")) {
        MakeUp.assertRefused(
            up.fault(more), "dice was killed: bring it back with make fault FAULT=none first.");
      }
      assertThat(beside.isAlive()).isTrue();

      assertThat(up.fault("none"))
          .extracting(Command::exitCode, Command::output, Command::errors)
          .containsExactly(0, "No fault is on", "");

      assertThat(Http.get(ports.url(Port.DICE) + "/").statusCode()).isEqualTo(200);
      awaitMissing(up, List.of());
      assertThat(up.said()).endsWith("dice is back.\n");

      // The same again, with Ctrl-C while dice is away.
      assertThat(up.fault("kill").exitCode()).isZero();
      await("dice is away again")
          .untilAsserted(() -> assertThat(up.said()).endsWith("until make fault FAULT=none.\n"));
      up.signal("INT");

      assertThat(up.awaitExit()).isEqualTo(130);
      assertThat(up.processes()).isEmpty();
      assertThat(up.said())
          .endsWith("Stopping victoria-logs\nStopping prometheus\nStopping jaeger\n");
    }
  }

  /** Waits until the alert TargetMissing fires for these jobs, and for no other. */
  private static void awaitMissing(MakeUp up, List<String> jobs) {
    var prometheus = new PrometheusApi(up.ports().url(Port.PROMETHEUS));
    await()
        .atMost(ALERTED)
        .untilAsserted(
            () ->
                assertThat(
                        prometheus.query(
                            "ALERTS{alertname=\"TargetMissing\", alertstate=\"firing\"}"))
                    .extracting(alert -> alert.at("/metric/job").asText())
                    .containsExactlyInAnyOrderElementsOf(jobs));
  }

  @Test
  void noneEndsAFaultOfTheRollsAndOneOfJaeger() throws IOException {
    try (MakeUp up = new MakeUp("up", folder, ports, Map.of())) {
      up.awaitReport();

      assertThat(up.fault("errors").exitCode()).isZero();
      assertThat(up.fault("jaeger").exitCode()).isZero();

      await().untilAsserted(() -> assertThat(roll()).isEqualTo(500));
      assertThat(state(up.part("jaeger"))).isEqualTo("T");

      assertThat(up.fault("none").exitCode()).isZero();

      for (int i = 0; i < 50; i++) {
        assertThat(roll()).isEqualTo(200);
      }
      JsonNode services = Http.json(ports.url(Port.JAEGER) + "/api/v3/services");
      assertThat(services.toString()).contains("dice");

      // Ctrl-C while Jaeger is stopped.
      assertThat(up.fault("jaeger").exitCode()).isZero();
      up.signal("INT");

      assertThat(up.awaitExit()).isEqualTo(130);
      assertThat(up.processes()).isEmpty();
    }
  }

  private int roll() throws IOException {
    return Http.get(ports.url(Port.DICE) + "/").statusCode();
  }

  /** Returns the state of a process as the kernel names it: R, S, T (stopped) and so on. */
  private static String state(ProcessHandle process) throws IOException {
    String stat = Files.readString(Path.of("/proc", String.valueOf(process.pid()), "stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).substring(0, 1);
  }
}
