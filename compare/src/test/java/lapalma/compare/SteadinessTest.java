package lapalma.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SteadinessTest {

  @Test
  void isNotReachedWhileTheFiguresFall() {
    assertThat(Steadiness.reached(List.of(400.0, 200.0, 120.0, 90.0, 80.0))).isFalse();
  }

  @Test
  void isReachedWhenThreeWindowsAgree() {
    assertThat(Steadiness.reached(List.of(400.0, 200.0, 51.0, 50.0, 49.0))).isTrue();
  }

  @Test
  void needsThreeWindows() {
    assertThat(Steadiness.reached(List.of(50.0, 50.0))).isFalse();
  }
}
