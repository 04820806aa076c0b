package lapalma.compare.result;

import static org.assertj.core.api.Assertions.assertThat;

import lapalma.compare.result.Delivered.Spans;
import org.junit.jupiter.api.Test;

class DeliveredTest {
  @Test
  void tooFewAreFewerThanASamplersChanceExplains() {
    assertThat(new Spans(9_800, 10_000).tooFew(1)).isTrue();
    assertThat(new Spans(9_950, 10_000).tooFew(1)).isFalse();
    assertThat(new Spans(9_800, 10_000).tooFew(0.1)).isFalse();
    assertThat(new Spans(4_000, 10_000).tooFew(0.1)).isTrue();
  }

  @Test
  void nothingIsCountedIfNothingArrived() {
    Spans none = new Spans(0, 10_000);
    Spans some = new Spans(1, 10_000);

    assertThat(new Delivered(none, none).isCounted()).isFalse();
    assertThat(new Delivered(none, some).isCounted()).isTrue();
    assertThat(new Delivered(some, Spans.NONE).isCounted()).isFalse();
  }
}
