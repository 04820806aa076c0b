package lapalma.compare.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import lapalma.compare.LabException;
import org.junit.jupiter.api.Test;

class CoresTest {

  @Test
  void givesServerAndGeneratorCoresOfTheirOwn() {
    assertThat(Cores.of(2).onServer(List.of("a")))
        .containsExactly("taskset", "--cpu-list", "0", "a");
    assertThat(Cores.of(5).onGenerator(List.of("a")))
        .containsExactly("taskset", "--cpu-list", "2,3,4", "a");
  }

  @Test
  void needsTwo() {
    assertThatThrownBy(() -> Cores.of(1))
        .isInstanceOf(LabException.class)
        .hasMessageContaining("one core");
  }
}
