package lapalma.compare.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import lapalma.compare.Fixtures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkloadTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          RATE        | light.rate-0100        | Title of light: 100 % of saturation | 256 | 16  | 0   | 100
          ROUTES      | light.routes-0100      | Title of light: 100 routes          | 256 | 16  | 100 | 0
          CONNECTIONS | light.connections-0100 | Title of light: 100 connections     | 256 | 100 | 0   | 0
          HEAP        | light.heap-0100        | Title of light: 100 MiB of heap     | 100 | 16  | 0   | 0
          """)
  void aSweepChangesOnePartAndLeavesTheRestAsUsual(
      Workload.Axis axis,
      String name,
      String title,
      int heap,
      int connections,
      int routes,
      int share) {
    // When
    Variant swept = Fixtures.variant("light").under(axis, 100);

    // Then
    assertThat(swept)
        .extracting(Variant::name, Variant::title, Variant::app, Variant::workload)
        .containsExactly(
            name,
            title,
            Fixtures.dice(),
            new Workload(heap, connections, routes, share, Fixtures.dice().load().rate()));
  }

  @Test
  void eachLevelHasABaselineOfItsOwn() {
    for (var axis : Workload.Axis.values()) {
      for (int level : axis.levels()) {
        // When
        Variant bare = Fixtures.variant("bare").under(axis, level);
        Variant light = Fixtures.variant("light").under(axis, level);

        // Then
        assertThat(bare.isBaseline()).isTrue();
        assertThat(light.baseline()).isEqualTo(bare.name());
        assertThat(light.workload()).isEqualTo(bare.workload());
      }
    }
  }

  @Test
  void theRateIsAShareOfWhatTheProcessStood() {
    // Given
    Variant bare = Fixtures.variant("bare");

    // Then
    assertThat(LoadProfile.FULL.rate(bare.workload(), 20_000)).isEqualTo(1000);
    assertThat(LoadProfile.SMOKE.rate(bare.workload(), 20_000)).isEqualTo(500);
    assertThat(
            Arrays.stream(Workload.Axis.RATE.levels())
                .map(
                    level ->
                        LoadProfile.FULL.rate(
                            bare.under(Workload.Axis.RATE, level).workload(), 20_000)))
        .containsExactly(2_000, 5_000, 10_000);
  }
}
