package lapalma.dice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

class SdkVersionTest {
  @Test
  void theSdkIsTheOneThatTheAgentBrings() throws IOException {
    String own = text("io/opentelemetry/sdk/version.properties");

    assertThat(own).matches("sdk\\.version=[0-9.]+");
    // The agent keeps its own classes and files in this folder.
    assertThat(own).isEqualTo(text("inst/io/opentelemetry/sdk/version.properties"));
  }

  private static String text(String resource) throws IOException {
    try (InputStream stream = SdkVersionTest.class.getClassLoader().getResourceAsStream(resource)) {
      assertThat(stream).as(resource).isNotNull();
      return new String(stream.readAllBytes(), UTF_8).strip();
    }
  }
}
