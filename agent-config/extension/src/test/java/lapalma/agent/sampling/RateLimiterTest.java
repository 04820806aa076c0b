package lapalma.agent.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RateLimiterTest {
  private long now = 42;
  private final RateLimiter limiter = new RateLimiter(3, () -> now);

  @Test
  void letsTheNumberOfASecondThroughAtOnceAndThenAsManyEachSecond() {
    assertThat(letThrough(10)).isEqualTo(3);
    pass(Duration.ofMillis(333));
    assertThat(letThrough(10)).isZero();
    pass(Duration.ofMillis(1));
    assertThat(letThrough(10)).isEqualTo(1);
    pass(Duration.ofSeconds(1));
    assertThat(letThrough(10)).isEqualTo(3);
  }

  @Test
  void savesNoMoreThanOneSecond() {
    pass(Duration.ofHours(1));
    assertThat(letThrough(10)).isEqualTo(3);
  }

  @Test
  void lessThanOneASecondIsOneInSeveral() {
    var slow = new RateLimiter(0.25, () -> now);

    assertThat(slow.tryAcquire()).isTrue();
    pass(Duration.ofMillis(3999));
    assertThat(slow.tryAcquire()).isFalse();
    pass(Duration.ofMillis(1));
    assertThat(slow.isReady()).isTrue();
    assertThat(slow.tryAcquire()).isTrue();
    assertThat(slow.isReady()).isFalse();
  }

  @Test
  void aLimitOfZeroLetsNothingThrough() {
    var closed = new RateLimiter(0, () -> now);
    pass(Duration.ofHours(1));
    assertThat(closed.tryAcquire()).isFalse();
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private long letThrough(int tries) {
    return IntStream.range(0, tries).filter(i -> limiter.tryAcquire()).count();
  }
}
