package lapalma.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompareTest {
  @TempDir Path out;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          run --minutes 0              | --minutes is 0: use 1 or more.
          aa --minutes 0               | --minutes is 0: use 1 or more.
          planted --minutes -1         | --minutes is -1: use 1 or more.
          run --rounds 0               | --rounds is 0: use 1 or more.
          aa --rounds 2                | An interval takes 6 rounds or more, and at least one repeat.
          """)
  void wrongNumbersAreRefusedBeforeAnythingIsWritten(String arguments, String sentence) {
    // Given
    var err = new StringWriter();
    Path folder = out.resolve("run");

    // When
    int code =
        Compare.commandLine()
            .setErr(new PrintWriter(err))
            .execute((arguments + " --out " + folder).split(" "));

    // Then
    assertThat(err.toString().strip()).isEqualTo(sentence);
    assertThat(code).isEqualTo(1);
    assertThat(Files.exists(folder)).isFalse();
  }
}
