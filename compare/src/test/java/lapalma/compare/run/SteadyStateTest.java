package lapalma.compare.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SteadyStateTest {

  @Test
  void isNotReachedWhileTheCompilersWork() {
    assertThat(SteadyState.reached(List.of(0.6, 0.4, 0.01, 0.01, 0.02))).isFalse();
  }

  @Test
  void isReachedWhenTheyRestForThreeWindows() {
    assertThat(SteadyState.reached(List.of(0.6, 0.4, 0.01, 0.019, 0.0))).isTrue();
  }

  @Test
  void needsThreeWindows() {
    assertThat(SteadyState.reached(List.of(0.0, 0.0))).isFalse();
  }
}
