package lapalma.compare.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import lapalma.compare.Fixtures;
import lapalma.compare.LabException;
import org.junit.jupiter.api.Test;

class GcLogTest {

  @Test
  void addsUpWhatWasAllocatedBetweenTheLastTwoCollectionsThatWereAskedFor() {
    for (String log : List.of("gc-17.log", "gc-25.log")) {
      GcLog.Interval interval = GcLog.lastInterval(Fixtures.text(log));
      assertThat(interval.allocated())
          .as(log)
          .isEqualTo((10_000 - 3000 + 12_000 - 4000 + 6000 - 4500) * 1024L);
      assertThat(interval.live()).as(log).isEqualTo(3100 * 1024);
      assertThat(interval.millis()).as(log).isCloseTo(1.5, within(1e-9));
    }
  }

  @Test
  void needsBothCollections() {
    assertThatThrownBy(() -> GcLog.lastInterval("[0.1s] nothing")).isInstanceOf(LabException.class);
  }
}
