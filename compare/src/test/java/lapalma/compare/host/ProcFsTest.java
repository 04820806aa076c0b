package lapalma.compare.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Set;
import org.junit.jupiter.api.Test;

class ProcFsTest {

  @Test
  void readsTheCpuOfAProcessWhoseNameHoldsSpacesAndBrackets() {
    var cpu =
        ProcFs.parseCpu(
            "42 (a) b (c) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 30 0 100 0 0");
    assertThat(cpu).isEqualTo(new ProcFs.Cpu(2.5, 0.5));
  }

  @Test
  void seesTheCompilersOfAJvmAtWork() {
    assertThat(ProcFs.compilers(ProcessHandle.current().pid()).values())
        .anyMatch(seconds -> seconds > 0);
  }

  @Test
  void readsTheCoresThatAThreadMayUse() {
    assertThat(ProcFs.parseList("0,2-4")).containsExactly(0, 2, 3, 4);
  }

  @Test
  void readsMemoryAndThreads() {
    assertThat(ProcFs.parseStatus("Name:\tjava\nVmRSS:\t  1024 kB\nThreads:\t33\n"))
        .isEqualTo(new ProcFs.Status(1_048_576, 33));
  }

  @Test
  void addsUpTheCoresThatAreAskedFor() {
    String stat =
        """
        cpu  999 0 999 999 0 0 0 9 0 0
        cpu0 100 10 50 999 9 1 4 20 0 0
        cpu1 1 0 0 999 0 0 0 0 0 0
        cpu10 500 0 0 0 0 0 0 0 0 0
        """;
    var core = ProcFs.parseCores(stat, Set.of(0, 1));
    assertThat(core.busy()).isCloseTo(1.66, within(1e-9));
    assertThat(core.stolen()).isCloseTo(0.2, within(1e-9));
  }
}
