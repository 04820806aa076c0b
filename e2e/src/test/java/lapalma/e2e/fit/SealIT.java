package lapalma.e2e.fit;

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
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Command;
import lapalma.process.FreePort;
import lapalma.process.ManagedProcess;
import lapalma.stack.Project;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;

/** Seals copies of dice and its agent, and changes what a seal depends on. */
class SealIT {
  private static final Duration ARRIVES = Duration.ofSeconds(60);
  private static final String NOWHERE = "http://127.0.0.1:1";
  private static final String UNSEALED = "This start is not sealed, because ";

  private final Project project = SharedStack.project();
  private final Path folder = SharedStack.newFolder("seal");
  private final Path attach = folder.resolve("attach");
  private final Path jar = folder.resolve("dice.jar");
  private final Path sealed = folder.resolve("sealed");

  @Test
  @EnabledForJreRange(minVersion = 25, disabledReason = "Older JDKs cache no agent's classes")
  void whateverChangesTheStartIsWholeAndSaysSo() throws Exception {
    seal();
    Path agent = attach.resolve("lapalma-agent.jar");
    Path configuration = attach.resolve("otel.yaml");

    assertThat(start()).doesNotContain(UNSEALED);

    try (var change = new Change(jar)) {
      Files.setLastModifiedTime(jar, FileTime.from(Instant.parse("2020-02-02T02:02:02Z")));
      assertThat(start()).containsOnlyOnce(UNSEALED + jar + " has changed: ");
    }
    try (var change = new Change(jar)) {
      relabel(jar);
      // The new class runs, and not the one in the cache.
      assertThat(start())
          .containsOnlyOnce(UNSEALED + jar + " has changed: ")
          .contains("Dice r0lled");
    }
    try (var change = new Change(agent)) {
      Files.setLastModifiedTime(agent, FileTime.from(Instant.parse("2020-02-02T02:02:02Z")));
      assertThat(start()).containsOnlyOnce(UNSEALED + agent + " has changed: ");
    }
    try (var change = new Change(configuration)) {
      Files.writeString(configuration, Files.readString(configuration) + "# One more line\n");
      assertThat(start()).containsOnlyOnce(UNSEALED + "the agent's configuration has changed: ");
    }
    assertThat(start("-Dotel.instrumentation.executors.enabled=false"))
        .containsOnlyOnce(UNSEALED + "the agent's configuration has changed: ");
    Path arguments = sealed.resolve("java.args");
    try (var change = new Change(arguments)) {
      Files.writeString(
          arguments,
          Files.readString(arguments)
              .replace(
                  "\"-jar\"\n\"" + jar + '"',
                  "-cp \"%s:%s\" lapalma.dice.Main".formatted(jar, agent)));
      assertThat(start()).containsOnlyOnce(UNSEALED + "the class path has changed: ");
    }
    try (var change = new Change(sealed.resolve("seal"))) {
      Files.write(sealed.resolve("seal"), new byte[] {0, 0, 0, 9});
      assertThat(start()).containsOnlyOnce(UNSEALED + "the seal ");
    }

    assertThat(start()).doesNotContain(UNSEALED);
  }

  @Test
  @EnabledForJreRange(maxVersion = 24, disabledReason = "This JDK caches an agent's classes")
  void anOlderJdkStartsTheAppWithItsAgent() throws Exception {
    Command made = sealing("Listening", jar().toString());

    assertThat(made.exitCode()).isZero();
    assertThat(made.output()).startsWith("Not sealed: JDK ");
    assertThat(start()).contains("\"trace_id\"").doesNotContain(UNSEALED);
  }

  @Test
  @EnabledForJreRange(minVersion = 25, disabledReason = "Older JDKs cache no agent's classes")
  void anAppThatIsNeverReadyIsReportedWithItsLastLine() throws Exception {
    Command made = sealing("never logged", "--timeout", "30", jar().toString());

    assertThat(made.exitCode()).isEqualTo(1);
    assertThat(made.output())
        .contains("The app had 30 s to be ready: never logged (last seen: ")
        .contains("Listening");
    // It still starts the app.
    assertThat(start()).contains("\"trace_id\"").doesNotContain(UNSEALED);
  }

  private Path jar() throws IOException {
    Files.createDirectories(attach);
    try (Stream<Path> files = Files.list(project.attach())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, attach.resolve(file.getFileName()));
      }
    }
    Path file = attach.resolve("jvm.args");
    Files.writeString(
        file, Files.readString(file).replace(project.attach().toString(), attach.toString()));
    return Files.copy(project.diceJar(), jar);
  }

  private void seal() throws IOException {
    jar();
    Command made =
        Command.run(
            project.root(),
            Map.of("JAVA", Project.java()),
            List.of(
                project.root().resolve("tools/seal-dice").toString(),
                attach.toString(),
                jar.toString(),
                sealed.toString()));
    assertThat(made.output()).contains("Sealed: the cache has ");
  }

  private Command sealing(String ready, String... rest) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Project.java(),
                "-jar",
                attach.resolve("lapalma-agent.jar").toString(),
                "seal",
                "--output",
                sealed.toString(),
                "--ready",
                ready));
    command.addAll(List.of(rest).subList(0, rest.length - 1));
    // The app starts in another folder than it is sealed in.
    command.addAll(
        List.of(
            "--",
            Project.java(),
            "-javaagent:" + folder.relativize(attach.resolve("lapalma-agent.jar")),
            "-Dotel.config.file=" + attach.resolve("otel.yaml"),
            "-jar",
            folder.relativize(jar).toString()));
    return Command.run(folder, Map.of("PORT", "0"), command);
  }

  /** Starts sealed dice, rolls once and returns its log. */
  private String start(String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.add("@" + sealed.resolve("java.args"));
    try (var dice = new Dice(arguments.toArray(String[]::new))) {
      dice.get("/");
      await()
          .atMost(ARRIVES)
          .untilAsserted(() -> assertThat(dice.log()).containsPattern("Dice r.lled"));
      return dice.log();
    }
  }

  /** A running dice with its agent. */
  private final class Dice implements AutoCloseable {
    private final int port = FreePort.find();
    private final ManagedProcess process;

    Dice(String... arguments) throws IOException {
      List<String> command = new ArrayList<>(List.of(Project.java()));
      command.addAll(List.of(arguments));
      process =
          ManagedProcess.start(
              "dice",
              command,
              Map.of(
                  "PORT",
                  String.valueOf(port),
                  "OTEL_EXPORTER_PROMETHEUS_PORT",
                  String.valueOf(FreePort.find()),
                  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                  NOWHERE,
                  "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
                  NOWHERE,
                  "JAEGER_SAMPLING_ENDPOINT",
                  NOWHERE),
              project.root(),
              Files.createTempDirectory(folder, "run-").resolve("dice.log"));
      process.awaitReady("http://127.0.0.1:" + port + "/health");
    }

    void get(String path) throws IOException {
      Http.get("http://127.0.0.1:" + port + path);
    }

    String log() {
      return process.logText();
    }

    @Override
    public void close() {
      process.close();
    }
  }

  /** Writes the jar anew with another text in one of its classes. */
  private static void relabel(Path jar) throws IOException {
    Path other = jar.resolveSibling("other.jar");
    try (var in = new ZipInputStream(Files.newInputStream(jar));
        var out = new ZipOutputStream(Files.newOutputStream(other))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        out.putNextEntry(new ZipEntry(entry.getName()));
        byte[] bytes = in.readAllBytes();
        if (entry.getName().equals("lapalma/dice/RollHandler.class")) {
          bytes =
              new String(bytes, ISO_8859_1)
                  .replace("Dice rolled", "Dice r0lled")
                  .getBytes(ISO_8859_1);
        }
        out.write(bytes);
      }
    }
    Files.move(other, jar, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Keeps a file as it is, and brings it back. */
  private static final class Change implements AutoCloseable {
    private final Path file;
    private final Path kept;

    Change(Path file) throws IOException {
      this.file = file;
      this.kept = file.resolveSibling(file.getFileName() + ".kept");
      Files.copy(file, kept, StandardCopyOption.COPY_ATTRIBUTES);
    }

    @Override
    public void close() throws IOException {
      Files.move(kept, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
