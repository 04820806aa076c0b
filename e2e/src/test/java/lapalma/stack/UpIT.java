package lapalma.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code make up}, as the program that it runs. */
class UpIT {
  private static final Duration REPORTS = Duration.ofMinutes(3);
  private static final Duration ENDS = Duration.ofMinutes(2);
  private static final String READY = "Stop with Ctrl-C.";
  private static final Pattern LINK = Pattern.compile("http://127\\.0\\.0\\.1:[0-9]+\\S*");

  private final Project project = SharedStack.project();
  private final Path folder = SharedStack.newFolder("up");
  private final List<Path> data = new ArrayList<>();

  @AfterEach
  void removeData() throws IOException {
    for (Path stack : data) {
      if (Files.exists(stack)) {
        try (Stream<Path> files = Files.walk(stack)) {
          for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(file);
          }
        }
      }
    }
  }

  @Test
  void twoStacksRunBesideEachOtherAndEachStopsOnlyWhatItStarted() throws Exception {
    Ports firstPorts = FreePorts.forAll();
    Ports secondPorts = FreePorts.forAll();
    Map<String, String> withPages = new HashMap<>(secondPorts.variables());
    withPages.put("JAEGER_UI", JaegerUiIT.emptyPages(folder).toString());
    try (Part first = start("first", firstPorts.variables());
        Part second = start("second", withPages)) {
      awaitReport(first);
      awaitReport(second);
      assertThat(first.logText())
          .contains("traces: {GET /=6, GET /fail=1}")
          .containsPattern("JVM heap used: [0-9.]+ MiB")
          .containsPattern("exemplar of GET /: trace [0-9a-f]{32}, found in Jaeger")
          .contains("This Jaeger has no web page");
      List<String> links = LINK.matcher(first.logText()).results().map(r -> r.group()).toList();
      assertThat(links).hasSizeGreaterThanOrEqualTo(6);
      for (String link : links) {
        assertThat(Http.get(link).statusCode()).as(link).isEqualTo(200);
      }
      assertThat(JaegerSearchLink.in(second.logText()))
          .singleElement()
          .matches(JaegerSearchLink::hasTimeRange);
      List<ProcessHandle> parts = partsOf(first);
      assertThat(parts).hasSize(3);

      interrupt(first);

      assertThat(first.awaitExit(ENDS)).isEqualTo(130);
      assertThat(parts).noneMatch(ProcessHandle::isAlive);
      assertThat(first.logText())
          .contains("Stopping dice", "Stopping prometheus", "Stopping jaeger");
      assertThat(partsOf(second)).hasSize(3).allMatch(ProcessHandle::isAlive);
      assertThat(Http.get(secondPorts.url(Port.DICE) + "/").statusCode()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @CsvSource({"jaeger,137", "prometheus,137", "java,137"})
  void aPartThatDiesIsNamedWithItsLastLinesAndEndsTheRest(String program, int exitCode)
      throws Exception {
    try (Part up = start("up", FreePorts.forAll().variables())) {
      awaitReport(up);
      List<ProcessHandle> parts = partsOf(up);

      parts.stream()
          .filter(part -> part.info().command().orElse("").endsWith("/" + program))
          .findFirst()
          .orElseThrow()
          .destroyForcibly();

      assertThat(up.awaitExit(ENDS)).isEqualTo(1);
      String name = program.equals("java") ? "dice" : program;
      assertThat(up.logText())
          .containsPattern(
              "%s ended with exit code %d\\. The last lines of \\S*/%s\\.log:\n."
                  .formatted(name, exitCode, name));
      assertThat(parts).noneMatch(ProcessHandle::isAlive);
    }
  }

  @Test
  void aTakenPortIsNamedWithItsHolderBeforeAnythingStarts() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Map<String, String> variables = new HashMap<>(FreePorts.forAll().variables());
      variables.put("PROMETHEUS_PORT", String.valueOf(taken.getLocalPort()));

      Part up = start("up", variables);

      assertThat(up.awaitExit(ENDS)).isEqualTo(1);
      assertThat(up.logText())
          .isEqualTo(
              """
              Port %d is taken by process %d (%s): stop it, or set PROMETHEUS_PORT to another port.
              (PORT_OFFSET=1000 moves every port that is not set by 1000.)
              """
                  .formatted(taken.getLocalPort(), ProcessHandle.current().pid(), Project.java()));
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
    Map<String, String> variables = new HashMap<>(FreePorts.forAll().variables());
    variables.put("PROMETHEUS_PORT", "1");
    variables.put(variable, value);

    Part up = start("up", variables);

    assertThat(up.awaitExit(ENDS)).isEqualTo(1);
    assertThat(up.logText()).startsWith(sentence + "\n").doesNotContain("\tat ");
  }

  @Test
  void withAUiTheLinksOpenIt() throws Exception {
    Path ui = Files.createDirectories(folder.resolve("ui"));
    Files.writeString(
        ui.resolve("index.html"),
        """
        <!doctype html>
        <base href="/" data-inject-target="BASE_URL" />
        <div id="jaeger-ui-root"></div>
        """);
    Map<String, String> variables = new HashMap<>(FreePorts.forAll().variables());
    variables.put("JAEGER_UI", ui.toString());

    try (Part up = start("up", variables)) {
      awaitReport(up);

      assertThat(up.logText()).doesNotContain("no web page");
      String trace =
          LINK.matcher(up.logText())
              .results()
              .map(r -> r.group())
              .filter(link -> link.contains("/trace/"))
              .findFirst()
              .orElseThrow();
      assertThat(trace).matches(".*/trace/[0-9a-f]{32}");
      assertThat(Http.get(trace).body()).contains("jaeger-ui-root");
    }
  }

  @Test
  void underTailSamplingTheFailureIsReported() throws Exception {
    Map<String, String> variables = new HashMap<>(FreePorts.forAll().variables());
    variables.put("JAEGER_OVERLAY", "jaeger/tail-sampling.yaml");

    try (Part up = start("up", variables)) {
      awaitReport(up);

      assertThat(up.logText())
          .containsPattern("traces: \\{.*GET /fail=1\\}")
          .containsPattern("exemplar of GET /fail: trace [0-9a-f]{32}, found in Jaeger");
    }
  }

  private static void awaitReport(Part up) {
    await()
        .atMost(REPORTS)
        .failFast(() -> !up.isAlive())
        .untilAsserted(() -> assertThat(up.logText()).contains(READY));
  }

  private static List<ProcessHandle> partsOf(Part up) {
    return ProcessHandle.of(up.pid()).orElseThrow().descendants().toList();
  }

  private static void interrupt(Part up) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", "-INT", String.valueOf(up.pid())).start().waitFor())
        .isZero();
  }

  private Part start(String name, Map<String, String> variables) {
    data.add(project.root().resolve(".run/up-" + variables.get("PORT")));
    return Part.start(
        name,
        // A test run in the background of a shell is born deaf to SIGINT, and so are its children.
        List.of(
            "env",
            "--default-signal=INT",
            Project.java(),
            "-jar",
            project.root().resolve("e2e/target/e2e.jar").toString()),
        variables,
        project.root(),
        folder.resolve(name + ".log"));
  }
}
