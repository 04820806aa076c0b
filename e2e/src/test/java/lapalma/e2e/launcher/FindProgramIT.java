package lapalma.e2e.launcher;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Command;
import lapalma.process.ManagedProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Checks where {@code tools/find-program} finds a program. The test has its own program, with a
 * release on the test's server and a Go module that is really built.
 */
class FindProgramIT {
  private static final String SCRIPT = "#!/bin/sh\necho \"greeter, version %s\"\n";

  private final Path folder = SharedStack.newFolder("find-program");
  private final Path pins = folder.resolve("greeter");
  private final Path tools = folder.resolve("tools");
  private final Map<String, String> environment = new HashMap<>();
  private byte[] archive;
  private HttpServer server;

  @BeforeEach
  void describeTheProgram() throws Exception {
    Files.createDirectories(pins.resolve("cmd/greeter"));
    Files.writeString(pins.resolve("go.mod"), "module greeter\n\ngo 1.24\n");
    Files.writeString(pins.resolve("go.sum"), "");
    Files.writeString(
        pins.resolve("cmd/greeter/main.go"),
        """
        package main

        import "fmt"

        var version string

        func main() { fmt.Println("greeter, version " + version) }
        """);
    archive = archive();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
    server.createContext(
        "/greeter.tar.gz",
        exchange -> {
          exchange.sendResponseHeaders(200, archive.length);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(archive);
          }
        });
    pin(url("/greeter.tar.gz"), sha256(archive));
    environment.put("TOOLS_DIR", tools.toString());
  }

  @AfterEach
  void stopServer() {
    server.stop(0);
  }

  @Test
  void theVariableComesFirst() throws Exception {
    Path own = script(folder.resolve("own"), "1.5.0");
    environment.put("GREETER", own.toString());

    Result found = find();

    assertThat(found.path()).isEqualTo(own);
    assertThat(found.said()).isEqualTo("greeter 1.5.0, named by GREETER.\n");
  }

  @Test
  void aVariableThatNamesNoProgramIsOneSentence() {
    environment.put("GREETER", "/no/such/file");

    Result found = find();

    assertThat(found.exitCode()).isEqualTo(1);
    assertThat(found.said())
        .isEqualTo(
            "GREETER is '/no/such/file', which is not an executable file: set it to a greeter program, or unset it.\n");
  }

  @Test
  void aVariableThatNamesAnotherVersionIsOneSentence() throws Exception {
    Path old = script(folder.resolve("old"), "0.9.0");
    environment.put("GREETER", old.toString());

    Result found = find();

    assertThat(found.exitCode()).isEqualTo(1);
    assertThat(found.said())
        .isEqualTo(
            "GREETER is '%s', version 0.9.0: set it to a greeter from 1.0.0 up to, but not including, 2, or unset it.\n"
                .formatted(old));
  }

  @Test
  void theVersionOnThePathIsTakenIfItFits() throws Exception {
    Path own = script(Files.createDirectories(folder.resolve("bin")).resolve("greeter"), "1.0.0");
    environment.put("PATH", own.getParent() + ":" + System.getenv("PATH"));

    assertThat(find().path()).isEqualTo(own);
  }

  @Test
  void theVersionOnThePathIsPassedOverIfItDoesNotFit() throws Exception {
    Path own = script(Files.createDirectories(folder.resolve("bin")).resolve("greeter"), "2.0.0");
    environment.put("PATH", own.getParent() + ":" + System.getenv("PATH"));

    Result found = find();

    assertThat(found.said()).contains(own + " is version 2.0.0, which does not fit");
    assertThat(found.said()).endsWith("greeter 1.7.0, from the release archive.\n");
  }

  @Test
  void withPresentNothingIsInstalled() {
    Command absent = findPresent();
    Path found = find().path();
    Command installed = findPresent();

    assertThat(absent.exitCode()).isEqualTo(3);
    assertThat(absent.output() + absent.errors()).isEmpty();
    assertThat(installed.exitCode()).isZero();
    assertThat(installed.output()).isEqualTo(found.toString());
  }

  private Command findPresent() {
    String script = SharedStack.project().root().resolve("tools/find-program").toString();
    return Command.run(folder, environment, List.of(script, "--present", pins.toString()));
  }

  @Test
  void theReleaseWithTheRightSumIsInstalledOnce() {
    Result found = find();

    assertThat(found.exitCode()).isZero();
    assertThat(found.said()).endsWith("greeter 1.7.0, from the release archive.\n");
    assertThat(found.path()).startsWith(tools);

    server.stop(0);
    Result again = find();
    assertThat(again.path()).isEqualTo(found.path());
    assertThat(again.said()).isEqualTo("greeter 1.7.0, from the release archive.\n");
  }

  @Test
  void aReleaseWithTheWrongSumIsDiscardedAndTheModuleBuilt() throws Exception {
    pin(url("/greeter.tar.gz"), "0".repeat(64));

    Result found = find();

    assertThat(found.said())
        .contains(
            "greeter: greeter.tar.gz has SHA-256 %s where %s is expected: it is discarded.\n"
                .formatted(sha256(archive), "0".repeat(64)));
    assertThatTheModuleWasBuilt(found);
  }

  @Test
  void aTransferThatIsCutOffEndsInTheModule() throws Exception {
    try (var cutting = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      pin("http://127.0.0.1:" + cutting.getLocalPort() + "/greeter.tar.gz", sha256(archive));
      cutting.setSoTimeout(60_000);
      var server = new Thread(() -> answerHalf(cutting));
      server.start();

      Result found = find();

      server.join();
      // 18: the transfer closed with data remaining.
      assertThat(found.said()).contains("greeter: the release cannot be fetched (curl: (18)");
      assertThatTheModuleWasBuilt(found);
    }
  }

  /** Announces the whole archive, sends half of it and closes. */
  private void answerHalf(ServerSocket listener) {
    try (Socket client = listener.accept();
        var request =
            new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII))) {
      while (!request.readLine().isEmpty()) {
        // The request's head ends with an empty line.
      }
      OutputStream answer = client.getOutputStream();
      answer.write(
          "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
              .formatted(archive.length)
              .getBytes(US_ASCII));
      answer.write(archive, 0, archive.length / 2);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aHostThatDoesNotAnswerIsGivenUpWithinSeconds() throws Exception {
    // The kernel accepts connections, but no program reads from them.
    try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      pin("http://127.0.0.1:" + silent.getLocalPort() + "/greeter.tar.gz", sha256(archive));
      long start = System.nanoTime();

      Result found = find();

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(60));
      assertThat(found.said()).contains("greeter: the release cannot be fetched (curl: (28)");
      assertThatTheModuleWasBuilt(found);
    }
  }

  @Test
  void aModuleThatDoesNotBuildLeavesNothingBehind() throws Exception {
    pin(url("/nothing-there"), sha256(archive));
    Files.writeString(
        pins.resolve("cmd/greeter/main.go"), "package main\n\nfunc main() { nonsense }\n");

    Result found = find();

    assertThat(found.exitCode()).isEqualTo(1);
    assertThat(found.said())
        .contains("undefined: nonsense")
        .endsWith("greeter cannot be built from its Go module: see the lines above.\n");
    try (Stream<Path> left = Files.list(tools)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void anInterruptOfABuildLeavesNothingBehind() throws Exception {
    pin("", "");
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path go = Files.writeString(bin.resolve("go"), "#!/bin/sh\nsleep 600\n");
    assertThat(go.toFile().setExecutable(true)).isTrue();
    environment.put("PATH", bin + ":" + System.getenv("PATH"));
    ManagedProcess call = start();
    ProcessHandle search = ProcessHandle.of(call.pid()).orElseThrow();
    await("the build is under way")
        .until(() -> search.descendants().anyMatch(FindProgramIT::isSixHundredSeconds));
    List<ProcessHandle> processes = search.descendants().toList();

    call.terminate();

    call.awaitExit(Duration.ofSeconds(30));
    await("the build has ended").until(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
    try (Stream<Path> left = Files.list(tools)) {
      assertThat(left).isEmpty();
    }
  }

  private static boolean isSixHundredSeconds(ProcessHandle process) {
    return List.of(process.info().arguments().orElse(new String[0])).equals(List.of("600"));
  }

  private void assertThatTheModuleWasBuilt(Result found) {
    assertThat(found.exitCode()).as(found.said()).isZero();
    assertThat(found.said())
        .endsWith("greeter 1.6.0, built from its Go module, without its charm.\n");
    try (Stream<Path> files = Files.list(found.path().getParent())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("greeter", "origin");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private record Result(int exitCode, String output, String said) {
    Path path() {
      return Path.of(output.strip());
    }
  }

  private Result find() {
    ManagedProcess call = start();
    int exitCode = call.awaitExit(Duration.ofMinutes(3));
    try {
      return new Result(exitCode, Files.readString(output()), call.logText());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Path output() {
    return folder.resolve("output");
  }

  private ManagedProcess start() {
    return ManagedProcess.start(
        "find-program",
        List.of(
            "bash",
            "-c",
            "exec \"$0\" \"$1\" >\"$2\"",
            SharedStack.project().root().resolve("tools/find-program").toString(),
            pins.toString(),
            output().toString()),
        environment,
        folder,
        folder.resolve("said"));
  }

  private void pin(String url, String sum) throws IOException {
    Files.writeString(
        pins.resolve("program.env"),
        """
        PROGRAM=greeter
        OLDEST=1.0.0
        BELOW=2
        VERSION_ARGUMENT=--version
        ARCHIVE_URL=%s
        ARCHIVE_SHA256=%s
        MODULE_COMMANDS=./cmd/greeter
        MODULE_LDFLAGS="-X main.version=1.6.0"
        MODULE_TAGS=
        MODULE_LACKS="its charm"
        """
            .formatted(url, sum));
  }

  private String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  private byte[] archive() throws Exception {
    Path release = Files.createDirectories(folder.resolve("release/greeter-1.7.0"));
    script(release.resolve("greeter"), "1.7.0");
    Path file = folder.resolve("release.tar.gz");
    List<String> pack =
        List.of(
            "tar", "-czf", file.toString(), "-C", release.getParent().toString(), "greeter-1.7.0");
    Command.run(pack).orFail();
    return Files.readAllBytes(file);
  }

  private static Path script(Path file, String version) throws IOException {
    Files.writeString(file, SCRIPT.formatted(version));
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file;
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
