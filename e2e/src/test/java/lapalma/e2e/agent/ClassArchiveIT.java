package lapalma.e2e.agent;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Command;
import lapalma.process.FreePort;
import lapalma.process.ManagedProcess;
import lapalma.stack.Project;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;

/** Checks the archive that the build made before these tests, if the JDK makes one. */
class ClassArchiveIT {
  private static final Duration LOGGED = Duration.ofSeconds(60);

  private final Project project = SharedStack.project();
  private final Path folder = SharedStack.newFolder("class-archive");

  @Test
  @EnabledForJreRange(minVersion = 25, disabledReason = "Older JDKs make no such archive")
  void nearlyAllClassesOfTheAgentComeFromTheArchive() throws IOException {
    Path loaded = folder.resolve("classes");

    try (ManagedProcess dice =
        start(
            project.attachArgs(),
            project.classArchive(),
            "-Xlog:class+load:file=%s:none:filecount=0".formatted(loaded))) {
      assertThat(dice.logText()).contains("Dice rolled").doesNotContain("[warning]", "[error]");
    }

    List<String> ofTheAgent =
        Files.readAllLines(loaded).stream()
            .filter(line -> line.startsWith("io.opentelemetry.") && !line.contains("0x"))
            .toList();
    List<String> archived =
        ofTheAgent.stream().filter(line -> line.endsWith("source: shared objects file")).toList();
    assertThat(ofTheAgent).hasSizeGreaterThan(1000);
    assertThat((double) archived.size() / ofTheAgent.size()).isGreaterThan(0.9);
    // Another jar of the app must not run the classes of this one.
    assertThat(Files.readAllLines(loaded))
        .filteredOn(line -> line.startsWith("lapalma.dice.") || line.startsWith("io.undertow."))
        .isNotEmpty()
        .noneMatch(line -> line.endsWith("source: shared objects file"));
  }

  @Test
  @EnabledForJreRange(minVersion = 25, disabledReason = "Older JDKs make no such archive")
  void anArchiveOfAnotherAgentIsNotUsedAndThatIsSaid() throws IOException {
    Path attached = project.attach().resolve("opentelemetry-javaagent.jar");
    Path agent = Files.copy(attached, folder.resolve("agent.jar"));
    Files.setLastModifiedTime(agent, FileTime.from(Instant.parse("2020-02-02T02:02:02Z")));
    String arguments = Files.readString(project.attachArgs());
    Path changed = folder.resolve("jvm.args");
    Files.writeString(changed, arguments.replace(attached.toString(), agent.toString()));

    try (ManagedProcess dice = start(changed, project.classArchive())) {
      assertThat(dice.logText()).contains("Dice rolled").contains("[warning][cds");
    }
  }

  @Test
  @EnabledForJreRange(minVersion = 25, disabledReason = "Older JDKs make no such archive")
  void anArchiveOfAnotherJdkIsNotUsedAndThatIsSaid() throws IOException {
    // The JVM compares its build with the line on it near the archive's beginning.
    String archive = Files.readString(project.classArchive(), ISO_8859_1);
    String build = System.getProperty("java.vm.version");
    assertThat(archive.indexOf(build)).isBetween(0, 4096);
    Path other = folder.resolve("jdk.aot");
    Files.writeString(other, archive.replace(build, build.replace('2', '3')), ISO_8859_1);

    try (ManagedProcess dice = start(project.attachArgs(), other)) {
      assertThat(dice.logText())
          .contains("Dice rolled")
          .contains("created by a different version or build of HotSpot");
    }
  }

  @Test
  @EnabledForJreRange(minVersion = 25, disabledReason = "Older JDKs make no such archive")
  void anArchiveThatWasCutOffIsNotUsedAndThatIsSaid() throws IOException {
    try (ManagedProcess dice = start(project.attachArgs(), cutOff())) {
      assertThat(dice.logText()).contains("Dice rolled").contains("has been truncated");
    }
  }

  @Test
  @EnabledForJreRange(minVersion = 25, disabledReason = "Older JDKs say nothing of archives")
  void whatTheJvmSaysDoesNotComeAmongTheAppsLogLines() throws IOException {
    Command version =
        Command.run(
            project.root(),
            Map.of("OTEL_EXPORTER_PROMETHEUS_PORT", String.valueOf(FreePort.find())),
            List.of(
                Project.java(),
                "@" + project.attachArgs(),
                "@" + project.fastStartArgs(),
                "-XX:SharedArchiveFile=" + cutOff(),
                "-version"));

    assertThat(version.output()).isEmpty();
    assertThat(version.errors()).contains("has been truncated");
  }

  private Path cutOff() throws IOException {
    Path cut = Files.createTempDirectory(folder, "cut-").resolve("cut.aot");
    try (var whole = Files.newInputStream(project.classArchive())) {
      Files.write(cut, whole.readNBytes(1_000_000));
    }
    return cut;
  }

  @Test
  void whatIsNoArchiveOfThisJdkStopsNoStart() throws IOException {
    Path other = folder.resolve("other.aot");
    Files.copy(project.diceJar(), other, StandardCopyOption.REPLACE_EXISTING);

    try (ManagedProcess dice = start(project.attachArgs(), other)) {
      assertThat(dice.logText()).contains("Dice rolled");
    }
  }

  @Test
  @EnabledForJreRange(maxVersion = 24, disabledReason = "This JDK makes an archive")
  void anOlderJdkMakesNoneAndSaysWhy() {
    Path archive = folder.resolve("none.aot");

    Command made = make(archive, project.diceJar());

    assertThat(made.exitCode()).isZero();
    assertThat(made.output()).startsWith("No class archive: JDK ");
    assertThat(archive).doesNotExist();
  }

  @Test
  @EnabledForJreRange(minVersion = 25, disabledReason = "Older JDKs make no such archive")
  void anAppThatEndsLeavesNoArchiveButItsLastWords() throws IOException {
    Path jar = Files.writeString(folder.resolve("broken.jar"), "no jar");
    Path archive = folder.resolve("none.aot");

    Command made = make(archive, jar);

    assertThat(made.exitCode()).isEqualTo(1);
    assertThat(made.errors())
        .contains("ended with exit code 1")
        .contains("Invalid or corrupt jarfile");
    assertThat(archive).doesNotExist();
  }

  private Command make(Path archive, Path jar) {
    return Command.run(
        project.root(),
        Map.of(),
        List.of(
            Project.java(),
            "-jar",
            project.attach().resolve("class-archive.jar").toString(),
            archive.toString(),
            jar.toString()));
  }

  /** Starts the dice server and rolls once. */
  private ManagedProcess start(Path arguments, Path archive, String... more) throws IOException {
    int port = FreePort.find();
    List<String> command = new ArrayList<>();
    command.addAll(List.of(Project.java(), "@" + arguments, "@" + project.fastStartArgs()));
    command.add("-XX:SharedArchiveFile=" + archive);
    command.addAll(List.of(more));
    command.addAll(List.of("-jar", project.diceJar().toString()));
    ManagedProcess dice =
        ManagedProcess.start(
            "dice",
            command,
            Map.of(
                "PORT", String.valueOf(port),
                "OTEL_EXPORTER_PROMETHEUS_PORT", String.valueOf(FreePort.find())),
            project.root(),
            Files.createTempDirectory(folder, "run-").resolve("dice.log"));
    dice.awaitReady("http://127.0.0.1:" + port + "/");
    await().atMost(LOGGED).untilAsserted(() -> assertThat(dice.logText()).contains("Dice rolled"));
    return dice;
  }
}
