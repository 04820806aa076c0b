package lapalma.player;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CountsTest {
  private static final String NONE =
      "Rolls 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0; failures 0; missing pages 0; no answer 0";

  private final Counts counts = new Counts();

  @Test
  void eachRequestIsCountedOnceAndInOneLine() {
    counts.answered(new Answer.Rolled(1));
    counts.answered(new Answer.Rolled(6));
    counts.answered(new Answer.Rolled(6));
    counts.answered(new Answer.Failed());
    counts.answered(new Answer.Missing());
    counts.answered(new Answer.Missing());
    counts.unanswered();

    assertThat(counts.take())
        .isEqualTo(
            "Rolls 1: 1, 2: 0, 3: 0, 4: 0, 5: 0, 6: 2; failures 1; missing pages 2; no answer 1");
    assertThat(counts.take()).isEqualTo(NONE);
  }

  @Test
  void whatWasLeftOutIsSaidOnlyIfThereIsSome() {
    counts.unsent();
    counts.unsent();

    assertThat(counts.take()).isEqualTo(NONE + "; left out 2");
    assertThat(counts.take()).isEqualTo(NONE);
  }
}
