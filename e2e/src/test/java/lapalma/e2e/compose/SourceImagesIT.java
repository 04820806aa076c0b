package lapalma.e2e.compose;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Command;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Builds and runs a fresh clone with Docker alone. */
@Tag("images")
class SourceImagesIT {
  private final Path clone = SharedStack.newFolder("clone");

  @Test
  void aRollIsFoundInJaegerAfterOneCommandInAFreshClone() throws IOException {
    Command.run(
            List.of(
                "git",
                "clone",
                "--quiet",
                SharedStack.project().root().toString(),
                clone.toString()))
        .orFail();
    try (var machine = new DockerOnly(clone, "clone")) {
      // Here a build reaches Maven Central by the network of the host only.
      Files.writeString(
          clone.resolve("offline.yml"),
          Files.readString(clone.resolve("e2e/compose/offline.yml"))
              + """
                dice: { build: { network: host } }
                agent: { build: { network: host } }
              """);
      machine.docker("compose", "up", "--build", "--detach", "--wait", "--wait-timeout", "180");

      machine.assertThatARollIsFoundInJaeger();
    }
  }
}
