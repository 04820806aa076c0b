package lapalma.e2e.compose;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Command;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIf;

/** Unpacks what {@code make dist} packs into an empty folder, and runs it with Docker alone. */
@Tag("compose")
@EnabledIf(
    value = "lapalma.e2e.compose.ComposeStack#engineAnswers",
    disabledReason = "No Docker engine answers: no release was run")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReleaseIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String VERSION = "test";

  private final Path root = SharedStack.project().root();
  private final Path archive = root.resolve("target/lapalma-" + VERSION + ".tar.gz");
  private final Path sum = archive.resolveSibling(archive.getFileName() + ".sha256");
  private final Path folder = SharedStack.newFolder("release");
  private String packed;

  @AutoClose private DockerOnly machine;

  @BeforeAll
  void unpackAndStart() throws IOException {
    packed = pack();
    Command.run(folder, List.of("tar", "--extract", "--strip-components=1", "--file=" + archive))
        .orFail();
    machine = new DockerOnly(folder, VERSION);
    long start = System.nanoTime();
    machine.docker("compose", "up", "--detach", "--wait", "--wait-timeout", "180");
    System.out.printf(
        "A release: images built, all healthy after %.0f s%n", (System.nanoTime() - start) / 1e9);
  }

  private String pack() throws IOException {
    Command.run(root, List.of("tools/dist", VERSION)).orFail();
    return Files.readString(sum);
  }

  @Test
  void aRollIsFoundInJaeger() throws IOException {
    machine.assertThatARollIsFoundInJaeger();
  }

  @Test
  void diceStartsSealed() {
    assertThat(machine.docker("compose", "exec", "-T", "dice", "cat", "/proc/1/maps"))
        .contains("/otel/sealed/cache.aot");
    assertThat(machine.docker("compose", "logs", "dice"))
        .doesNotContain("[warning][cds", "[warning][aot", "This start is not sealed");
  }

  @Test
  void theSameCommitGivesTheSameArchive() throws IOException {
    assertThat(pack()).isEqualTo(packed);
    assertThat(Command.run(root.resolve("target"), List.of("sha256sum", "--check", sum.toString())))
        .extracting(Command::exitCode)
        .isEqualTo(0);
  }

  @Test
  void aSignedReleaseIsVerifiedByTheCommandsOfTheDocumentation() throws IOException {
    Path signed = Files.createDirectory(folder.resolve("signed"));
    Path key = signed.resolve("key");
    Command.run(List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString()))
        .orFail();
    Files.writeString(
        signed.resolve("signers"), "releases " + Files.readString(signed.resolve("key.pub")));
    // Another version: other tests pack this one meanwhile.
    Command.run(root, Map.of("SIGNING_KEY", key.toString()), List.of("tools/dist", "signed"))
        .orFail();
    for (String end : List.of("", ".sha256", ".sig")) {
      String file = "lapalma-signed.tar.gz" + end;
      Files.move(root.resolve("target").resolve(file), signed.resolve(file));
    }
    String commands =
        Files.readString(root.resolve("docs/releases.md"))
            .replaceFirst("(?s).*### Verify a release.*?```\n(.*?)```.*", "$1")
            .replace("1.0.0", "signed");
    assertThat(commands.lines()).hasSize(2);
    List<String> verify = List.of("bash", "-euc", commands);
    Command.run(signed, verify).orFail();

    Files.writeString(
        signed.resolve("lapalma-signed.tar.gz.sha256"),
        Command.run(signed, List.of("sha256sum", "key.pub"))
            .orFail()
            .replace("key.pub", "lapalma-signed.tar.gz"));
    Files.copy(
        signed.resolve("key.pub"),
        signed.resolve("lapalma-signed.tar.gz"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThat(Command.run(signed, verify).exitCode()).isNotZero();
  }

  @Test
  void theMavenBundleHasWhatMavenCentralAsksFor() throws IOException {
    Path keys = Files.createTempDirectory("keys");
    List<String> gpg = List.of("gpg", "--homedir", keys.toString(), "--batch", "--quiet");
    run(gpg, "--passphrase", "", "--quick-generate-key", "test", "ed25519", "sign", "never");
    String key = run(gpg, "--armor", "--export-secret-keys");
    Command.run(
            root,
            Map.of("MAVEN_GPG_KEY", key),
            List.of("tools/maven-bundle", "io.github.test", "1.0.0", "https://example.com/test"))
        .orFail();

    Path bundle = Files.createDirectory(folder.resolve("bundle"));
    Path zip = root.resolve("target/lapalma-1.0.0-maven.zip");
    Command.run(bundle, List.of("jar", "--extract", "--file", zip.toString())).orFail();
    for (String name : List.of("lapalma-agent", "undertow-agent-extension")) {
      Path artifact = bundle.resolve("io/github/test").resolve(name).resolve("1.0.0");
      for (String file : List.of(".jar", "-sources.jar", "-javadoc.jar", ".pom")) {
        Path signed = artifact.resolve(name + "-1.0.0" + file);
        run(gpg, "--verify", signed + ".asc", signed.toString());
        assertThat(Path.of(signed + ".sha1")).exists();
        assertThat(Path.of(signed + ".md5")).exists();
      }
      assertThat(artifact.resolve(name + "-1.0.0.pom"))
          .content()
          .contains(
              "<groupId>io.github.test<",
              "<description>",
              "<url>https://example.com/test<",
              "LICENSE-2.0.txt",
              "<developer>",
              "<connection>scm:git:https://example.com/test<")
          .doesNotContain("<parent>", "<dependencies>", "SNAPSHOT", "${");
    }
    run(List.of("gpgconf", "--homedir", keys.toString()), "--kill", "gpg-agent");
  }

  private static String run(List<String> program, String... arguments) {
    return Command.run(Stream.concat(program.stream(), Stream.of(arguments)).toList()).orFail();
  }

  @Test
  void theBillOfMaterialsListsTheAppsLibrariesAndTheAgent() throws IOException {
    List<String> components = new ArrayList<>();
    JsonNode bill = JSON.readTree(folder.resolve("sbom.cdx.json").toFile());
    bill.path("components").forEach(component -> components.add(component.path("name").asText()));

    assertThat(bill.path("bomFormat").asText()).isEqualTo("CycloneDX");
    assertThat(components)
        .contains("undertow-core", "logback-classic", "opentelemetry-javaagent")
        .doesNotContain("junit-jupiter", "assertj-core");
  }

  @Test
  void grafanaMakesAPasswordOnceWhereNoneIsNamed() throws IOException {
    JsonNode grafana =
        JSON.readTree(
                machine.docker("compose", "--profile", "registry", "config", "--format", "json"))
            .at("/services/grafana");
    String image = SharedStack.image(folder, "ALERTMANAGER_IMAGE");
    // There is no Grafana here: its place is taken by what prints the password that it would read.
    Path run = folder.resolve("run.sh");
    Files.writeString(run, "#!/bin/sh\ncat \"$GF_SECURITY_ADMIN_PASSWORD__FILE\"\n");
    assertThat(run.toFile().setExecutable(true)).isTrue();
    String script = grafana.at("/entrypoint/2").asText().replace("$$", "$");
    String file = grafana.at("/environment/GF_SECURITY_ADMIN_PASSWORD__FILE").asText();
    String volume = machine.docker("volume", "create");
    try {
      List<String> passwords = new ArrayList<>();
      for (Map.Entry<String, Path> start :
          List.of(
              Map.entry("none", Path.of("/dev/null")),
              Map.entry("again", Path.of("/dev/null")),
              Map.entry("named", ComposeStack.secret(folder, "password", ComposeStack.SECRET)))) {
        passwords.add(
            machine.docker(
                "run",
                "--rm",
                "--user=0",
                "--volume=" + volume + ":/var/lib/grafana",
                "--volume=" + run + ":/run.sh:ro",
                "--volume=" + start.getValue() + ":" + file + ":ro",
                "--env=GF_SECURITY_ADMIN_PASSWORD__FILE=" + file,
                "--entrypoint=sh",
                image,
                grafana.at("/entrypoint/1").asText(),
                script));
      }
      assertThat(passwords.get(0)).matches("[A-Za-z0-9+/]{24}");
      assertThat(passwords.get(1)).isEqualTo(passwords.get(0));
      assertThat(passwords.get(2)).isEqualTo(ComposeStack.SECRET);
    } finally {
      machine.docker("volume", "rm", volume);
    }
  }
}
