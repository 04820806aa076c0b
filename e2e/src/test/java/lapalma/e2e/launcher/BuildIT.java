package lapalma.e2e.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Command;
import lapalma.stack.Project;
import org.junit.jupiter.api.Test;

/** Checks what stops the build, on a copy of the sources. */
class BuildIT {
  private static final Pattern MODULE = Pattern.compile("<module>(.+)</module>");

  private final Project project = SharedStack.project();
  private final Path copy = SharedStack.newFolder("build");

  @Test
  void aWrongChecksumOfTheAgentNamesTheFileTheExpectedAndTheFound() throws Exception {
    copySources();
    String expected = "0".repeat(64);

    Command build =
        maven(
            "package",
            "-Dmaven.test.skip=true",
            "-pl",
            "agent-config",
            "-am",
            "-Dopentelemetry-javaagent.sha256=" + expected);

    assertThat(build.exitCode()).isNotZero();
    assertThat(build.output())
        .containsPattern(
            "sha256 hash of \\S*/opentelemetry-javaagent\\.jar was [0-9a-f]{64} but expected "
                + expected);
  }

  @Test
  void anyOpenTelemetryDependencyOfTheAppStopsTheBuild() throws Exception {
    copySources();
    Path pom = copy.resolve("dice-undertow/pom.xml");
    Files.writeString(
        pom,
        Files.readString(pom)
            .replaceFirst(
                "<dependencies>",
                """
                <dependencies>
                    <dependency>
                      <groupId>io.opentelemetry</groupId>
                      <artifactId>opentelemetry-api</artifactId>
                      <version>1.65.0</version>
                    </dependency>
                """));

    Command build = maven("validate", "-pl", "dice-undertow");

    assertThat(build.exitCode()).isNotZero();
    assertThat(build.output())
        .contains("The dice server must not know OpenTelemetry: remove this dependency");
  }

  @Test
  void theAppsJarHoldsNothingOfOpenTelemetry() throws Exception {
    try (var jar = new ZipFile(project.diceJar().toFile())) {
      assertThat(jar.stream().map(ZipEntry::getName))
          .contains("lapalma/dice/Main.class")
          .noneMatch(name -> name.startsWith("io/opentelemetry/"));
    }
  }

  private Command maven(String... arguments) {
    List<String> command = new ArrayList<>(List.of("mvn", "--batch-mode", "--offline", "--quiet"));
    command.addAll(List.of(arguments));
    return Command.run(copy, Map.of("JAVA_HOME", System.getProperty("java.home")), command);
  }

  private void copySources() throws IOException {
    List<String> parts =
        new ArrayList<>(List.of("pom.xml", ".mvn", "dice-undertow", "agent-config"));
    // Maven needs the pom.xml of the other modules.
    MODULE
        .matcher(Files.readString(project.root().resolve("pom.xml")))
        .results()
        .map(module -> module.group(1) + "/pom.xml")
        .filter(pom -> parts.stream().noneMatch(pom::startsWith))
        .toList()
        .forEach(parts::add);
    for (String part : parts) {
      try (Stream<Path> files = Files.walk(project.root().resolve(part))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Path relative = project.root().relativize(file);
          if (Stream.of(relative.toString().split("/")).noneMatch("target"::equals)) {
            Path target = copy.resolve(relative);
            Files.createDirectories(target.getParent());
            Files.copy(file, target);
          }
        }
      }
    }
  }
}
