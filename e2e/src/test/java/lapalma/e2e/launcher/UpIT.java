package lapalma.e2e.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.SharedStack;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.RunFolder;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs {@code make up}, as the program behind it. */
class UpIT {
  private static final Pattern LINK = Pattern.compile("http://127\\.0\\.0\\.1:[0-9]+\\S*");

  private final Path folder = SharedStack.newFolder("up");
  private final Ports ports = FreePorts.forAll();

  @Test
  void twoStacksRunBesideEachOtherAndEachStopsOnlyWhatItStarted() throws Exception {
    Ports others = FreePorts.forAll();
    // Where there is no exporter, its port may be taken.
    try (var taken = listenOn(others.of(Port.BLACKBOX_EXPORTER));
        MakeUp first = start("first", Map.of());
        MakeUp second = new MakeUp("second", folder, others, withoutABlackboxExporter())) {
      first.awaitReport();
      second.awaitReport();
      assertThat(first.said())
          .contains("traces: {GET /=6, GET /fail=1}, 13 of 13 spans delivered\n")
          .containsPattern("JVM heap used: [0-9.]+ MiB")
          .containsPattern("exemplar of GET /: trace [0-9a-f]{32}, found in Jaeger")
          .contains("log lines of that trace: 1\n")
          .contains("probes dice from outside");
      // Only the first page, and dice in a command to type.
      assertThat(LINK.matcher(first.said()).results().map(r -> r.group()))
          .containsExactly(
              ports.url(Port.PROMETHEUS) + "/consoles/index.html", ports.url(Port.DICE) + "/");

      first.signal("INT");

      assertThat(first.awaitExit()).isEqualTo(130);
      assertThat(first.processes()).isEmpty();
      assertThat(first.said())
          .endsWith(
              """
              Stopping blackbox-exporter
              Stopping dice
              Stopping victoria-logs
              Stopping prometheus
              Stopping jaeger
              """);
      assertThat(second.said())
          .contains(
              "\nNothing probes dice from outside, because no blackbox exporter was found."
                  + " On Debian or Ubuntu, run `tools/find-program prometheus/blackbox`, which downloads one."
                  + " Elsewhere, set BLACKBOX_EXPORTER to its path. Then start make up again.\n");
      // make up itself and its four parts
      assertThat(second.processes()).hasSize(5);
      assertThat(Http.get(second.ports().url(Port.DICE) + "/").statusCode()).isEqualTo(200);
    }
  }

  @Test
  @EnabledForJreRange(minVersion = 25, disabledReason = "Older JDKs cache no agent's classes")
  void diceStartsSealed() throws IOException {
    try (MakeUp up = start("up", Map.of())) {
      up.awaitReport();

      ProcessHandle dice = up.part("dice");
      assertThat(Path.of("/proc/%d/maps".formatted(dice.pid())))
          .content()
          .contains("/sealed/cache.aot");
      // A start that is not sealed may start the app in another JVM.
      assertThat(dice.children()).isEmpty();
    }
  }

  private static ServerSocket listenOn(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
  }

  /** The other programs are named, as nothing is found in an empty folder of tools. */
  private Map<String, String> withoutABlackboxExporter() {
    Project project = SharedStack.project();
    return Map.of(
        "JAEGER", project.jaeger().toString(),
        "PROMETHEUS", project.prometheus().toString(),
        "VICTORIA_LOGS", project.victoriaLogs().toString(),
        "BLACKBOX_EXPORTER", "",
        "TOOLS_DIR", folder.resolve("no-tools").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"jaeger", "prometheus", "victoria-logs", "dice"})
  void aPartThatDiesIsNamedWithItsLastLinesAndEndsTheRest(String name) {
    try (MakeUp up = start("up", Map.of())) {
      up.awaitReport();

      up.part(name).destroyForcibly();

      assertThat(up.awaitExit()).isEqualTo(1);
      assertThat(up.said())
          .containsPattern(
              "%s ended with exit code 137\\. The last lines of \\S*/%s\\.log:\n."
                  .formatted(name, name));
      assertThat(up.processes()).isEmpty();
    }
  }

  @Test
  void aTakenPortIsNamedWithItsHolderBeforeAnythingStarts() throws Exception {
    try (var taken = listenOn(0);
        MakeUp up = start("up", Map.of("PROMETHEUS_PORT", String.valueOf(taken.getLocalPort())))) {
      assertThat(up.awaitExit()).isEqualTo(1);
      assertThat(up.said())
          .isEqualTo(
              """
              Port %d is taken by process %d (%s): stop it, or set PROMETHEUS_PORT to another port.
              PORT_OFFSET=1000 adds 1000 to each port whose variable is not set.
              """
                  .formatted(taken.getLocalPort(), ProcessHandle.current().pid(), Project.java()));
    }
  }

  @Test
  void aSecondOneWithTheSamePortIsRefused() throws IOException {
    RunFolder run = RunFolder.of(SharedStack.project().root(), ports);
    Files.createDirectories(run.path());
    run.launcher().write(ProcessHandle.current());

    try (MakeUp up = start("up", Map.of())) {
      assertThat(up.awaitExit()).isEqualTo(1);
      assertThat(up.said())
          .isEqualTo(
              "make up already runs with PORT=%d, as process %d: stop it with Ctrl-C, or set PORT_OFFSET=1000 for a second one.\n"
                  .formatted(ports.of(Port.DICE), ProcessHandle.current().pid()));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PORT|abc|PORT is 'abc': set it to a whole number from 1 to 65535.",
        "PORT_OFFSET|-1|PORT_OFFSET is '-1': set it to a whole number from 0 to 40000.",
        "OTLP_PORT|1|OTLP_PORT and PROMETHEUS_PORT are both 1: give each a port of its own.",
        "JAEGER_UI|/no/such|JAEGER_UI is '/no/such', which holds no index.html: set it to a folder of built Jaeger UI assets, or unset it.",
        "JAEGER_OVERLAY|no/such|JAEGER_OVERLAY is 'no/such', which is not a file: set it to one such as jaeger/tail-sampling.yaml, or unset it.",
        "JAEGER|/no/such|JAEGER is '/no/such', which is not an executable file: set it to a jaeger program, or unset it.",
      })
  void aBadVariableIsASentence(String variable, String value, String sentence) {
    Map<String, String> set = new HashMap<>(Map.of("PROMETHEUS_PORT", "1"));
    set.put(variable, value);

    try (MakeUp up = start("up", set)) {
      assertThat(up.awaitExit()).isEqualTo(1);
      assertThat(up.said()).startsWith(sentence + "\n").doesNotContain("\tat ");
    }
  }

  @Test
  void withATakenPortOfTheExporterAllElseRuns() throws Exception {
    // As Debian's package takes it, whose service it starts.
    try (var taken = listenOn(ports.of(Port.BLACKBOX_EXPORTER));
        MakeUp up = start("up", Map.of())) {
      up.awaitReport();

      assertThat(up.said())
          .contains(
              """

              Nothing probes dice from outside. Port %d is taken by process %d (%s): stop it, or set BLACKBOX_EXPORTER_PORT to another port.
              """
                  .formatted(taken.getLocalPort(), ProcessHandle.current().pid(), Project.java()));
    }
  }

  @Test
  void underTailSamplingTheFailureIsReported() {
    try (MakeUp up = start("up", Map.of("JAEGER_OVERLAY", "jaeger/tail-sampling.yaml"))) {
      up.awaitReport();

      assertThat(up.said())
          .containsPattern("traces: \\{.*GET /fail=1\\}")
          .containsPattern("exemplar of GET /fail: trace [0-9a-f]{32}, found in Jaeger");
    }
  }

  private MakeUp start(String name, Map<String, String> set) {
    return new MakeUp(name, folder, ports, set);
  }
}
