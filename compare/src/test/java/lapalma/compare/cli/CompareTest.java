package lapalma.compare.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import lapalma.compare.Fixtures;
import lapalma.compare.backend.Otlp;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.plan.Plan;
import lapalma.compare.result.RunFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompareTest {
  @TempDir Path out;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          run --minutes 0              | --minutes is 0: use 1 or more.
          cover --minutes 0            | --minutes is 0: use 1 or more.
          check --minutes -1           | --minutes is -1: use 1 or more.
          run --rounds 0               | --rounds is 0: use 1 or more.
          check --rounds 0             | --rounds is 0: use 1 or more.
          """)
  void wrongNumbersAreRefusedBeforeAnythingIsWritten(String arguments, String sentence) {
    // Given
    Path folder = out.resolve("run");

    // When
    String said = refused(arguments + " --out " + folder);

    // Then
    assertThat(said).isEqualTo(sentence);
    assertThat(Files.exists(folder)).isFalse();
  }

  @Test
  void whatCannotRunHereIsSaidAndLeavesNothing() throws IOException {
    // Given
    Path variants = Files.createDirectories(out.resolve("compare/variants"));
    Files.writeString(variants.resolve("odd.yaml"), "title: Odd\nbaseline: odd\njdk: 99\n");
    copyDice(out);
    Path folder = out.resolve("run");

    // When
    String said = refused("run --variant odd --jdk 99 --root " + out + " --out " + folder);

    // Then
    assertThat(said)
        .isEqualTo("None of these variants can run here. odd: There is no JDK 99 on this machine.");
    assertThat(Files.exists(folder)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          run --root .. --rounds 4     | holds another run: give only --out to continue it, or give another folder.
          run --root .. --variant otel | holds another run: give only --out to continue it, or give another folder.
          run --root .. --app zipkin   | holds another run: give only --out to continue it, or give another folder.
          run --root .. --quick        | holds another run: give only --out to continue it, or give another folder.
          run --root .. --starts       | holds another run: give only --out to continue it, or give another folder.
          check --root .. --rounds 4   | holds another run: give only --out to continue it, or give another folder.
          """)
  void aPlanThatStandsIsNotChanged(String arguments, String sentence) throws IOException {
    // Given
    writePlanOfThreeRounds();
    String plan = Files.readString(out.resolve("plan.json"));

    // When
    String said = refused(arguments + " --out " + out);

    // Then
    assertThat(said).isEqualTo(out + " " + sentence);
    assertThat(Files.readString(out.resolve("plan.json"))).isEqualTo(plan);
  }

  @Test
  void anAppThatIsNotThereIsSaidAndLeavesNothing() {
    // Given
    Path folder = out.resolve("run");

    // Then
    assertThat(refused("run --root .. --app bakery --out " + folder))
        .startsWith("There is no app 'bakery': use one of by-hand, dice, ");
    assertThat(refused("cover --root .. --app bakery.yaml --out " + folder))
        .startsWith("There is no file ")
        .endsWith("bakery.yaml.");
    assertThat(refused("run --root .. --jdk 7 --out " + folder))
        .isEqualTo("--jdk is 7: use 8 or more.");
    assertThat(refused("run --root .. --quick --smoke --out " + folder))
        .isEqualTo("Give one of --quick, --smoke and --starts.");
    assertThat(Files.exists(folder)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"check", "cover", "list", "publish", "report", "run", "score"})
  void eachCommandPrintsItsHelpWithoutTheOptionsThatItRequires(String command) {
    // Given
    var printed = new StringWriter();
    var lab = Compare.commandLine(Clock.systemUTC()).setOut(new PrintWriter(printed));
    assertThat(lab.getSubcommands()).hasSize(7).containsKey(command);

    // When
    int code = lab.execute(command, "--help");

    // Then
    assertThat(code).isZero();
    assertThat(printed.toString()).startsWith("Usage: compare %s [-hV]".formatted(command));
  }

  @Test
  void aVariantThatNeedsAnotherJdkSaysWhichOptionGivesIt() {
    assertThat(
            refused(
                "run --root .. --variant lapalma-agent-sealed --jdk 17 --out "
                    + out.resolve("run")))
        .contains("lapalma-agent-sealed: It runs on JDK 25 only: give --jdk 25.");
  }

  @Test
  void saysItsVersion() {
    var printed = new StringWriter();

    int code =
        Compare.commandLine(Clock.systemUTC()).setOut(new PrintWriter(printed)).execute("-V");

    assertThat(code).isZero();
    assertThat(printed.toString()).matches("compare .+, results.json of schema 1\\R");
  }

  @Test
  void scoresFilesOfOtlpJson() throws IOException {
    // Given two files as the Collector writes them, which are one message for each line
    String resource =
        "{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"shop\"}}]},";
    String span =
        "{\"traceId\":\"5b8efff798038103d269b633813fc60c\",\"spanId\":\"eee19b7ec3c1b174\",\"parentSpanId\":\"%s\",\"name\":\"%s\",\"kind\":%d}";
    Path spans =
        Files.writeString(
            out.resolve("spans.json"),
            "{\"resourceSpans\":[%s\"scopeSpans\":[{\"spans\":[%s]}]}]}\n{\"resourceSpans\":[%s\"scopeSpans\":[{\"spans\":[%s]}]}]}\n"
                .formatted(
                    resource,
                    span.formatted("", "GET /items", 2),
                    resource,
                    span.formatted("0000000000000001", "SELECT", 3)));
    Path logs =
        Files.writeString(
            out.resolve("logs.json"),
            "{\"resourceLogs\":[%s\"scopeLogs\":[{\"logRecords\":[{\"severityNumber\":9}]}]}]}"
                .formatted(resource));

    // Then
    assertThat(Otlp.ofJson(List.of(spans, logs)).spans())
        .extracting(from -> from.item().getTraceId().toByteArray()[0])
        .containsExactly((byte) 0x5b, (byte) 0x5b);
    assertThat(printed("score", spans.toString(), logs.toString()))
        .contains("failed     SPA-002 Traces do not contain orphan spans: 1 of 1 spans")
        .contains("passed     RES-005 ")
        .contains("passed     LOG-002 ")
        .contains("not judged LOG-001 ");
    assertThat(refused("score " + Files.writeString(out.resolve("x.json"), "{}")))
        .isEqualTo(
            out.resolve("x.json")
                + " is no file of OTLP/JSON: a message has none of resourceSpans, resourceMetrics and resourceLogs");
  }

  private static String printed(String... arguments) {
    PrintStream terminal = System.out;
    var said = new ByteArrayOutputStream();
    System.setOut(new PrintStream(said, true, UTF_8));
    try {
      assertThat(Compare.commandLine(Clock.systemUTC()).execute(arguments)).isZero();
    } finally {
      System.setOut(terminal);
    }
    return said.toString(UTF_8);
  }

  @Test
  void aRunWithoutAScoreSaysWhatMakesOne() {
    writePlanOfThreeRounds();

    assertThat(refused("score " + out))
        .isEqualTo(out + " has no score: compare cover and compare run make it.");
  }

  /** Copies the file of dice, and of the relay that it names, into another repository. */
  static void copyDice(Path root) throws IOException {
    Path apps = Files.createDirectories(root.resolve("compare/apps"));
    for (String name : List.of("dice.yaml", "relay.yaml")) {
      Files.copy(Path.of("apps", name), apps.resolve(name));
    }
  }

  /** Runs a command line that must end with 1, and returns its sentence on stderr. */
  private static String refused(String arguments) {
    var err = new StringWriter();
    int code =
        Compare.commandLine(Clock.systemUTC())
            .setErr(new PrintWriter(err))
            .execute(arguments.split(" "));
    assertThat(code).isEqualTo(1);
    return err.toString().strip();
  }

  private void writePlanOfThreeRounds() {
    new RunFolder(out)
        .write(
            new Plan(
                1,
                3,
                LoadProfile.SMOKE,
                Fixtures.dice(),
                List.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                0));
  }
}
