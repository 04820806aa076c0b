package lapalma.e2e.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import lapalma.stack.Port;
import org.junit.jupiter.api.Test;

/** Compares the dev container with what the quick start needs and opens. */
class DevContainerTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @Test
  void itHasTheMavenAndTheGoThatTheProjectBuildsWith() throws IOException {
    String dockerfile = Files.readString(ROOT.resolve(".devcontainer/Dockerfile"));

    assertThat(value("(?m)^ARG MAVEN_IMAGE=(.+)$", dockerfile))
        .isEqualTo(value("(?m)^MAVEN_IMAGE=(.+)$", Files.readString(ROOT.resolve(".env"))));
    assertThat(value("(?m)^ARG GO_IMAGE=golang:([0-9.]+)-", dockerfile))
        .isEqualTo(value("(?m)^go (.+)$", Files.readString(ROOT.resolve("tools/fortio/go.mod"))));
  }

  @Test
  void itForwardsThePagesThatMakeUpPrints() throws IOException {
    JsonNode container =
        new ObjectMapper().readTree(ROOT.resolve(".devcontainer/devcontainer.json").toFile());

    assertThat(container.path("postAttachCommand").asText()).isEqualTo("make up");
    assertThat(container.path("forwardPorts"))
        .extracting(JsonNode::asInt)
        .containsExactly(
            Port.DICE.byDefault(),
            Port.JAEGER.byDefault(),
            Port.PROMETHEUS.byDefault(),
            Port.VICTORIALOGS.byDefault());
  }

  private static String value(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .findFirst()
        .map((MatchResult found) -> found.group(1))
        .orElseThrow(() -> new AssertionError("No " + pattern + " in " + text));
  }
}
