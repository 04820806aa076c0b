package lapalma.compare.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Progress progress =
      new Progress(new PrintStream(printed, true, UTF_8), false, Duration.ofSeconds(60), 4);

  @Test
  void aStepThatFailsHasANumberAndIsNotStillToDo() {
    // When
    progress.skip();
    progress.failed("round 1, bare", "It ended.");
    progress.done("round 1, otel", 30);

    // Then
    assertThat(printed.toString(UTF_8).lines())
        .containsExactly(
            "[2/4] round 1, bare: It ended.", "[3/4] round 1, otel: 30 s; about 30 s left");
  }
}
