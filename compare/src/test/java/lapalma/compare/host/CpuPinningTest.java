package lapalma.compare.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import lapalma.compare.LabException;
import org.junit.jupiter.api.Test;

class CpuPinningTest {

  @Test
  void givesServerAndGeneratorCoresOfTheirOwn() {
    assertThat(CpuPinning.of(2).onServer(List.of("a")))
        .containsExactly("taskset", "--cpu-list", "0", "a");
    assertThat(CpuPinning.of(5).onGenerator(List.of("a")))
        .containsExactly("taskset", "--cpu-list", "2,3,4", "a");
  }

  @Test
  void needsTwo() {
    assertThatThrownBy(() -> CpuPinning.of(1))
        .isInstanceOf(LabException.class)
        .hasMessageContaining("one core");
  }
}
