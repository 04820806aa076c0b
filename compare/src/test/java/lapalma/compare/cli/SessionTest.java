package lapalma.compare.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import lapalma.compare.Fixtures;
import lapalma.compare.host.Jdks;
import lapalma.compare.plan.App;
import lapalma.compare.plan.Apps;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.plan.Plan;
import lapalma.compare.plan.Variant;
import lapalma.compare.plan.Variants;
import lapalma.compare.result.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Checks what a session leaves that cannot measure everything. The lab runs as a program of its
 * own, in a repository whose app does not start, with scripts in place of the load generators.
 */
class SessionTest {
  @TempDir Path root;
  private Path bin;
  private Path out;

  @BeforeEach
  void makeRepository() throws IOException {
    Path variants = Files.createDirectories(root.resolve("compare/variants"));
    for (String name : List.of("bare.yaml", "bare-again.yaml", "planted.yaml")) {
      Files.copy(Path.of("variants", name), variants.resolve(name));
    }
    CompareTest.copyDice(root);
    for (String jar : List.of("dice-undertow/target/dice.jar", "stack/faults/target/faults.jar")) {
      Files.createDirectories(root.resolve(jar).getParent());
      Files.createFile(root.resolve(jar));
    }
    bin = Files.createDirectories(root.resolve("bin"));
    for (String program : List.of("sh", "taskset", "git")) {
      Files.createSymbolicLink(bin.resolve(program), onPath(program));
    }
    script(bin.resolve("mvn"), "exit 1");
    script(bin.resolve("wrk"), "echo wrk 4.2.0");
    Path vegeta = script(root.resolve("vegeta"), "echo Version: 12");
    Files.createDirectories(root.resolve("tools"));
    script(root.resolve("tools/find-program"), "echo " + vegeta);
    out = root.resolve("out");
  }

  private static Path onPath(String program) {
    return Arrays.stream(System.getenv("PATH").split(":", -1))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow();
  }

  private static Path script(Path file, String line) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + line + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file;
  }

  @Test
  void aProgramThatIsMissingLeavesNoPlanThatRefusesTheNextTry() throws Exception {
    // Given
    Files.delete(bin.resolve("wrk"));
    String missing = "wrk is needed: install it (Debian's package is wrk).";

    // Then
    assertThat(lab(Compare.class, "run", "--variant", "bare", "--rounds", "3"))
        .isEqualTo(new Said(1, "", missing));
    assertThat(out).doesNotExist();
    assertThat(lab(Compare.class, "run", "--variant", "bare", "--rounds", "4"))
        .isEqualTo(new Said(1, "", missing));
  }

  @Test
  void aJarThatCannotBeHadLeavesNothing() throws Exception {
    // Given
    script(bin.resolve("mvn"), "echo '[ERROR] Could not find artifact shop.'; exit 1");
    Path app = root.resolve("shop.yaml");
    String rest = "arguments: ['{port}']\nrequests: [{ path: / }]\n";
    Files.writeString(
        app, "jar: com.example:shop:1:all\nsha256: %s\n%s".formatted("0".repeat(64), rest));

    // Then
    assertThat(lab(Compare.class, "run", "--variant", "bare", "--app", app.toString()))
        .isEqualTo(
            new Said(
                1,
                "Fetching com.example:shop:1:jar:all.",
                "Maven cannot fetch com.example:shop:1:jar:all: Could not find artifact shop."
                    + " Check the coordinates and the network, and try again."));
    assertThat(out).doesNotExist();

    // Given
    Files.writeString(app, "jar: bin/mvn\nsha256: %s\n%s".formatted("0".repeat(64), rest));

    // Then
    assertThat(lab(Compare.class, "run", "--variant", "bare", "--app", app.toString()).err())
        .endsWith(
            "but app shop names %s: the lab does not run it. Correct sha256, or remove the jar and try again."
                .formatted("0".repeat(64)));
    assertThat(out).doesNotExist();
  }

  @Test
  void aRunOfWhichATrialFailsEndsWithThree() throws Exception {
    // When
    Said said = lab(Compare.class, "run", "--variant", "bare", "--rounds", "1", "--starts");

    // Then
    assertThat(said.code()).isEqualTo(3);
    assertThat(said.out())
        .contains(
            "round 1, bare: Variant bare ended with exit code 1 before it answered: Error: Invalid"
                + " or corrupt jarfile ");
    assertThat(new RunFolder(out).plan()).isPresent();
  }

  @Test
  void anAppThatFailsWithoutAnAgentEndsTheRunAtOnce() throws Exception {
    // When
    Said said = lab(Compare.class, "run", "--variant", "bare-again", "--rounds", "1");

    // Then
    assertThat(said.code()).isEqualTo(1);
    assertThat(said.err()).startsWith("Without an agent: Variant bare ended with exit code 1 ");
    assertThat(said.out()).doesNotContain("round 1");
  }

  @Test
  void aPilotOfWhichATrialFailsPlantsNothing() throws Exception {
    // Given a pilot of which two rounds of three are measured
    var pilot = new RunFolder(out.resolve("pilot"));
    var apps = new Apps(root);
    App dice = apps.get("dice");
    Variant bare = Variants.read(root.resolve("compare/variants"), apps, dice).get("bare");
    pilot.write(
        new Plan(1, 3, LoadProfile.FULL, dice, List.of(bare), Map.of(), Map.of(), Map.of(), 0));
    Fixtures.trials(2, Map.of("bare", 1.0), 1).forEach(pilot::write);

    // When
    Said said = lab(Compare.class, "check");

    // Then
    assertThat(said.code()).isEqualTo(3);
    assertThat(said.out())
        .contains("round 3, bare: Variant bare ended with exit code 1 before it answered");
    assertThat(new RunFolder(out).plan()).isEmpty();
  }

  @Test
  void thePilotTooBeginsNoTrialOnceTheSessionIsOver() throws Exception {
    // When
    Said said = lab(Hurried.class, "check", "--minutes", "1");

    // Then
    assertThat(said.code()).isEqualTo(3);
    assertThat(said.out())
        .contains("The session is over: the same command continues the run, ")
        .doesNotContain("round 1");
    assertThat(new RunFolder(out).plan()).isEmpty();
  }

  @Test
  void aRunDoesNotContinueWithAnotherBuildOfWhatItAttaches() throws Exception {
    // Given
    Files.writeString(
        root.resolve("compare/variants/attached.yaml"),
        "title: Attached\njvm: ['@{fast-start}']\n");
    Path attach = Files.createDirectories(root.resolve("agent-config"));
    Path arguments = Files.writeString(attach.resolve("fast-start.args"), "-Done=1\n");
    String[] options = {"--variant", "attached", "--rounds", "1", "--starts"};

    // When
    Said begun = lab(Compare.class, "run", options);
    Said continued = lab(Compare.class, "run", options);
    Files.writeString(arguments, "-Done=2\n");
    Said refused = lab(Compare.class, "run", options);

    // Then
    assertThat(List.of(begun.code(), continued.code())).containsExactly(3, 3);
    assertThat(refused)
        .isEqualTo(
            new Said(
                1,
                "",
                out
                    + " was begun with another build of lapalma-agent, of commit not a git repository:"
                    + " give another folder."));
    assertThat(new RunFolder(out).sessions()).hasSize(2);
  }

  /** The lab with a clock that advances by an hour whenever it is read. */
  static final class Hurried {
    private Hurried() {}

    public static void main(String[] args) {
      var clock =
          new Clock() {
            private Instant now = Instant.EPOCH;

            @Override
            public Instant instant() {
              now = now.plus(Duration.ofHours(1));
              return now;
            }

            @Override
            public ZoneId getZone() {
              return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
              throw new UnsupportedOperationException();
            }
          };
      System.exit(Compare.commandLine(clock).execute(args));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0 | 0 | run --out OUT, report OUT
          3 | 2 | run --out OUT, report OUT
          1 | 2 | run --out OUT
          """)
  void makeReportsWhatWasMeasuredAndNothingOfARunThatWasRefused(
      int code, int codeOfMake, String calls) throws Exception {
    // Given
    Path called = root.resolve("called");
    Path lab =
        script(
            root.resolve("lab"),
            "echo \"$@\" >>%s; test $1 = report || exit %d".formatted(called, code));

    // When nothing is to be built
    Said said =
        run(
            List.of(
                "make",
                "--directory=..",
                "--old-file=target/compare-built",
                "compare",
                "COMPARE=" + lab,
                "RUN=" + out),
            System.getenv("PATH"));

    // Then
    assertThat(said.code()).isEqualTo(codeOfMake);
    assertThat(Files.readAllLines(called))
        .containsExactly(calls.replace("OUT", out.toString()).split(", ", -1));
  }

  private record Said(int code, String out, String err) {}

  private Said lab(Class<?> main, String command, String... options)
      throws IOException, InterruptedException {
    List<String> line =
        new ArrayList<>(
            List.of(
                Jdks.own().resolve("bin/java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                main.getName(),
                command,
                "--root=" + root,
                "--out=" + out));
    line.addAll(List.of(options));
    return run(line, bin.toString());
  }

  private Said run(List<String> command, String path) throws IOException, InterruptedException {
    Path stdout = root.resolve("stdout");
    Path stderr = root.resolve("stderr");
    var builder =
        new ProcessBuilder(command).redirectOutput(stdout.toFile()).redirectError(stderr.toFile());
    builder.environment().put("PATH", path);
    int code = builder.start().waitFor();
    return new Said(
        code, Files.readString(stdout, UTF_8).strip(), Files.readString(stderr, UTF_8).strip());
  }
}
