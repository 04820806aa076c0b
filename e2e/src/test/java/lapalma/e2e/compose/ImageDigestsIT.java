package lapalma.e2e.compose;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Command;
import lapalma.process.FreePort;
import lapalma.process.ManagedProcess;
import lapalma.stack.Project;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Runs {@code make image-digests} on a file and a registry of the test. */
@Tag("compose")
class ImageDigestsIT {
  private static final String STALE = "@sha256:" + "0".repeat(64);

  private final Path root = SharedStack.project().root();
  private final Path folder = SharedStack.newFolder("image-digests");
  private final Path file = folder.resolve(".env");
  private final String crane = Project.findProgram(root, "e2e/compose/crane").toString();
  private final String registry = "127.0.0.1:" + FreePort.find();
  @AutoClose private final Closer closer = new Closer();

  @BeforeEach
  void startRegistry() {
    closer
        .register(
            ManagedProcess.start(
                "registry",
                List.of(crane, "registry", "serve", "--address", registry),
                Map.of(),
                folder,
                folder.resolve("registry.log")))
        .awaitReady("http://" + registry + "/v2/");
  }

  @Test
  void aDigestStandsBesideEachTagAndNothingElseChanges() throws IOException {
    String prometheus = push("prom/prometheus:v3.14.0");
    String jaeger = push("jaegertracing/jaeger:2.20.0");
    Files.writeString(
        file,
        """
        # The images.
        PROMETHEUS_IMAGE=%1$s/prom/prometheus:v3.14.0
        JAEGER_IMAGE=%1$s/jaegertracing/jaeger:2.20.0%2$s

        NETWORK=10.212.0
        """
            .formatted(registry, STALE));
    String written =
        """
        # The images.
        PROMETHEUS_IMAGE=%1$s/prom/prometheus:v3.14.0@%2$s
        JAEGER_IMAGE=%1$s/jaegertracing/jaeger:2.20.0@%3$s

        NETWORK=10.212.0
        """
            .formatted(registry, prometheus, jaeger);

    assertThat(imageDigests().exitCode()).isZero();
    assertThat(file).hasContent(written);
    assertThat(imageDigests().exitCode()).isZero();
    assertThat(file).hasContent(written);
  }

  @Test
  void anImageThatNoRegistryGivesKeepsItsLine() throws IOException {
    String prometheus = push("prom/prometheus:v3.14.0");
    String lines =
        """
        JAEGER_IMAGE=%1$s/jaegertracing/jaeger:2.20.0
        PROMETHEUS_IMAGE=%1$s/prom/prometheus:v3.14.0%2$s
        """;
    Files.writeString(file, lines.formatted(registry, ""));

    Command command = imageDigests();

    assertThat(command.exitCode()).isEqualTo(1);
    assertThat(command.errors())
        .contains(registry + "/jaegertracing/jaeger:2.20.0 keeps its line: Error: ");
    assertThat(file).hasContent(lines.formatted(registry, "@" + prometheus));
  }

  @Test
  void aFileThatIsNotThereIsOneSentence() {
    Command command = Command.run(root, List.of("tools/image-digests", folder + "/none.env"));

    assertThat(command.exitCode()).isEqualTo(1);
    assertThat(command.errors())
        .isEqualTo(
            "There is no file %s/none.env: name one that has lines such as JAEGER_IMAGE=name:tag."
                .formatted(folder));
  }

  @Test
  @EnabledIf("lapalma.e2e.compose.ComposeStack#engineAnswers")
  void composeRunsAStandInUnderItsTagAndOthersByTheirDigest() throws IOException {
    String standIn = "lapalma/image-digests-stand-in:" + ProcessHandle.current().pid();
    String other = "lapalma/image-digests-other:" + ProcessHandle.current().pid();
    Files.writeString(
        folder.resolve("docker-compose.yml"),
        "services: { a: { image: \"${A_IMAGE}\" }, b: { image: \"${B_IMAGE}\" } }\n");
    Files.writeString(file, "A_IMAGE=" + standIn + STALE + "\nB_IMAGE=" + other + STALE + "\n");
    Path layer = layer("a file system");
    try {
      run(
          "docker",
          "import",
          "--change",
          "LABEL lapalma.offline-image=key",
          layer.toString(),
          standIn);
      run("docker", "import", layer.toString(), other);

      List<String> command =
          List.of(root.resolve("tools/compose").toString(), "config", "--images");
      assertThat(Command.run(folder, command).orFail().lines())
          .containsExactlyInAnyOrder(standIn, other + STALE);
    } finally {
      run("docker", "rmi", standIn, other);
    }
  }

  private Command imageDigests() {
    return Command.run(root, List.of("tools/image-digests", file.toString()));
  }

  /** Pushes an image with some content to the registry, and returns its digest. */
  private String push(String image) throws IOException {
    String name = registry + "/" + image;
    Command.run(root, List.of(crane, "append", "-f", layer(image).toString(), "-t", name)).orFail();
    return Command.run(root, List.of(crane, "digest", name)).orFail();
  }

  private Path layer(String text) throws IOException {
    Path content = Files.writeString(folder.resolve("content"), text);
    Path layer = folder.resolve("layer.tar");
    run("tar", "-cf", layer.toString(), "-C", folder.toString(), "" + content.getFileName());
    return layer;
  }

  private void run(String program, String... arguments) {
    List<String> command = Stream.concat(Stream.of(program), Stream.of(arguments)).toList();
    Command.run(root, command).orFail();
  }
}
