package lapalma.compare.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import lapalma.compare.LabException;
import org.junit.jupiter.api.Test;

class CpuPinningTest {

  @Test
  void givesServerAndGeneratorCoresOfTheirOwn() {
    assertThat(pinning("0", "1").onServer(List.of("a")))
        .containsExactly("taskset", "--cpu-list", "0", "a");
    assertThat(pinning("0", "1", "2", "3", "4").onGenerator(List.of("a")))
        .containsExactly("taskset", "--cpu-list", "2,3,4", "a");
  }

  @Test
  void keepsTheThreadsOfAPhysicalCoreTogether() {
    // As Linux numbers four cores with two threads each
    CpuPinning pinning = pinning("0,4", "1,5", "2,6", "3,7");

    assertThat(pinning.server()).containsExactly(0, 1, 4, 5);
    assertThat(pinning.generator()).containsExactly(2, 3, 6, 7);
  }

  @Test
  void dividesTheThreadsOfASingleCore() {
    CpuPinning pinning = pinning("0-1");

    assertThat(pinning.server()).containsExactly(0);
    assertThat(pinning.generator()).containsExactly(1);
  }

  @Test
  void needsTwo() {
    assertThatThrownBy(() -> pinning("0"))
        .isInstanceOf(LabException.class)
        .hasMessageContaining("one core");
  }

  @Test
  void anAppMayAskForMoreOrFewerThanHalf() {
    assertThat(pinning(1, "0", "1", "2", "3").server()).containsExactly(0);
    assertThat(pinning(2, "0", "1", "2").generator()).containsExactly(2);
    assertThatThrownBy(() -> pinning(2, "0", "1"))
        .isInstanceOf(LabException.class)
        .hasMessage(
            "The app's file asks for 2 cores, and this machine has 2: leave one to the load generator.");
  }

  private static CpuPinning pinning(String... physical) {
    return pinning(0, physical);
  }

  private static CpuPinning pinning(int ofServer, String... physical) {
    return CpuPinning.of(Arrays.stream(physical).map(ProcFs::parseList).toList(), ofServer);
  }
}
