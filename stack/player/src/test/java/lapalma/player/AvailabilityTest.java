package lapalma.player;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AvailabilityTest {
  private final Availability dice = new Availability(URI.create("http://dice:5000"));

  @Test
  void eachChangeIsToldOnce() {
    assertThat(dice.answered(1, Page.ROLL)).isEmpty();
    assertThat(dice.unanswered(2, Page.ROLL, "refused"))
        .contains(
            "http://dice:5000 does not answer (refused). The player goes on and says when it answers again.");
    assertThat(dice.unanswered(3, Page.ROLL, "refused")).isEmpty();
    assertThat(dice.answered(4, Page.ROLL)).contains("http://dice:5000 answers again.");
    assertThat(dice.answered(5, Page.ROLL)).isEmpty();
  }

  @Test
  void aTimeoutThatComesAfterALaterAnswerIsNoNews() {
    dice.answered(2, Page.ROLL);

    assertThat(dice.unanswered(1, Page.ROLL, "timed out")).isEmpty();
  }

  @Test
  void aLateAnswerToAnOlderRequestIsNoNewsEither() {
    dice.unanswered(2, Page.ROLL, "timed out");

    assertThat(dice.answered(1, Page.ROLL)).isEmpty();
    assertThat(dice.answered(3, Page.ROLL)).isPresent();
  }

  @ParameterizedTest
  @EnumSource(
      value = Page.class,
      names = {"FAIL", "MISSING"})
  void whereRollsHangAnAnswerToAnotherPageIsNoNews(Page other) {
    dice.unanswered(1, Page.ROLL, "timed out");

    assertThat(dice.answered(2, other)).isEmpty();
    assertThat(dice.unanswered(3, Page.ROLL, "timed out")).isEmpty();
    assertThat(dice.answered(4, Page.ROLL)).isPresent();
  }

  @ParameterizedTest
  @EnumSource(
      value = Page.class,
      names = {"FAIL", "ROLL"})
  void aPageThatWasSilentIsBackWithItsOwnAnswerOrARoll(Page page) {
    dice.unanswered(1, Page.FAIL, "refused");

    assertThat(dice.answered(2, page)).isPresent();
  }
}
