package lapalma.compare.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import lapalma.compare.Fixtures;
import org.junit.jupiter.api.Test;

class StepChainTest {
  @Test
  void goesFromTheFirstStepToTheLastInWhateverOrderTheyWereNamed() {
    var light = Fixtures.step("light", "two");
    var two = Fixtures.step("two", "one");
    var one = Fixtures.step("one", "defaults");
    var defaults = Fixtures.variant("defaults");

    assertThat(StepChain.longest(List.of(Fixtures.variant("bare"), light, one, defaults, two)))
        .containsExactly(defaults, one, two, light);
  }

  @Test
  void endsWhereTheVariantBeforeIsNotMeasured() {
    var light = Fixtures.step("light", "two");
    var two = Fixtures.step("two", "one");

    assertThat(StepChain.longest(List.of(light, two, Fixtures.variant("defaults")))).isEmpty();
  }
}
