package lapalma.player;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PageTest {

  @Test
  void theTenthRequestFailsAndEachTwentiethAsksForAMissingPage() {
    List<Page> pages =
        LongStream.rangeClosed(1, 100).mapToObj(request -> Page.of(request, 0, () -> 0)).toList();

    assertThat(pages).element(9).isEqualTo(Page.FAIL);
    assertThat(pages).containsOnlyOnce(Page.FAIL);
    assertThat(List.of(pages.get(19), pages.get(39), pages.get(99))).containsOnly(Page.MISSING);
    assertThat(pages.stream().filter(Page.MISSING::equals)).hasSize(5);
  }

  @Test
  void theShareOfFailuresIsWhatIsSet() {
    assertThat(Page.of(1, 0.0005, () -> 0.0004)).isEqualTo(Page.FAIL);
    assertThat(Page.of(1, 0.0005, () -> 0.0005)).isEqualTo(Page.ROLL);
    assertThat(Page.of(1, 1, () -> 0.999)).isEqualTo(Page.FAIL);
  }
}
