package lapalma.compare.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import lapalma.compare.stats.Bootstrap.Interval;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {
  @ParameterizedTest
  @CsvSource({"0.99, 1.01", "0.4, 0.9", "1.2, 9.4", "3, 60", "0.02, 400"})
  void labelsWhatItShowsWithoutACollision(double low, double high) {
    Axis axis = Axis.of(List.of(new Interval(Math.sqrt(low * high), low, high)));

    assertThat(axis.ticks()).contains(1.0).isSorted();
    assertThat(axis.percent(low)).isBetween(0.0, 100.0);
    assertThat(axis.percent(high)).isBetween(axis.percent(low), 100.0);
    for (int i = 1; i < axis.ticks().size(); i++) {
      double apart = axis.percent(axis.ticks().get(i)) - axis.percent(axis.ticks().get(i - 1));
      assertThat(apart).as("percent between two labels").isGreaterThanOrEqualTo(Axis.APART);
    }
  }

  @ParameterizedTest
  @CsvSource({"1.2, 9.4, 8", "3, 60, 50", "1.1, 2.2, 2"})
  void labelsTheFarEnd(double low, double high, double label) {
    Axis axis = Axis.of(List.of(new Interval(Math.sqrt(low * high), low, high)));

    assertThat(axis.ticks()).endsWith(label);
  }
}
