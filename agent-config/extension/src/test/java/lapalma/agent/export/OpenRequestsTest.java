package lapalma.agent.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OpenRequestsTest {
  private final AtomicLong open = new AtomicLong();

  OpenRequestsTest() {
    OpenRequests.countedBy(open::get);
  }

  @AfterEach
  void endThem() {
    open.set(0); // the count stays registered
  }

  @Test
  void withoutRequestsAnExitDoesNotWait() {
    assertThat(waited()).isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void requestsThatNeverEndAreGivenUp() {
    open.set(2);

    assertThat(waited()).isBetween(OpenRequests.PATIENCE, OpenRequests.PATIENCE.plusSeconds(2));
  }

  @Test
  void eachRequestThatEndsProlongsTheWait() {
    // Each look at the count ends a request, about every 5 ms.
    OpenRequests.countedBy(() -> open.getAndUpdate(count -> Math.max(0, count - 1)));
    open.set(100);

    assertThat(waited()).isLessThan(OpenRequests.PATIENCE);
    assertThat(open).hasValue(0);
  }

  private static Duration waited() {
    long began = System.nanoTime();
    OpenRequests.awaitTheirEnd();
    return Duration.ofNanos(System.nanoTime() - began);
  }
}
