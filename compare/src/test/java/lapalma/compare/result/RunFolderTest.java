package lapalma.compare.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import lapalma.compare.Fixtures;
import lapalma.compare.plan.Plan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
  @TempDir Path folder;

  @Test
  void aPlanOfAnEarlierBuildIsReadAndReadAgainOnceWritten() throws IOException {
    // Given a plan as the build wrote it that had one record for all properties of a variant
    Files.writeString(folder.resolve("plan.json"), Fixtures.text("plan.json"));
    var run = new RunFolder(folder);

    // When
    Plan plan = run.plan().orElseThrow();
    run.write(plan);

    // Then
    assertThat(plan.app().name()).isEqualTo("dice");
    assertThat(plan.variants().get(0).attachment().agent())
        .isEqualTo("com.datadoghq:dd-java-agent:1.68.1");
    assertThat(run.plan()).contains(plan);
  }
}
