package lapalma.e2e.jaeger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.SharedStack;
import lapalma.stack.Jaeger;
import lapalma.stack.Project;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.Test;

class JaegerUiIT {

  @Test
  void thePageIsGivenTheProjectsConfigurationWordForWord() throws Exception {
    Project project = SharedStack.project();
    Path folder = SharedStack.newFolder("jaeger-ui");
    Path ui = emptyPages(folder);

    try (Jaeger jaeger =
        Jaeger.start(project, FreePorts.forAll(), folder, Map.of("JAEGER_UI", ui.toString()))) {
      assertThat(Http.get(jaeger.url() + "/").body())
          .contains(
              Files.readString(project.root().resolve("jaeger/ui.js"))
                  .replaceAll("@[A-Z_]+@", "")
                  .strip());
    }
  }

  /** Writes the only file of Jaeger's assets that Jaeger itself reads. */
  private static Path emptyPages(Path folder) throws IOException {
    Path ui = Files.createDirectories(folder.resolve("ui"));
    Files.writeString(
        ui.resolve("index.html"),
        """
        <!doctype html>
        <base href="/" data-inject-target="BASE_URL" />
        <script>
          // JAEGER_CONFIG_JS
          const JAEGER_CONFIG = DEFAULT_CONFIG;
        </script>
        <div id="jaeger-ui-root"></div>
        """);
    return ui;
  }
}
