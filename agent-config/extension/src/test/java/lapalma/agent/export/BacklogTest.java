package lapalma.agent.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class BacklogTest {
  private final InMemoryMetricReader metrics = InMemoryMetricReader.create();

  @AutoClose
  private final SdkMeterProvider meters =
      SdkMeterProvider.builder().registerMetricReader(metrics).build();

  private final Backlog backlog = new Backlog(Backlog.Signal.SPANS, 3, 100, () -> meters);
  private final CompletableResultCode answer = new CompletableResultCode();

  @Test
  void whatIsBeyondTheNumberIsDroppedAndCounted() {
    assertThat(IntStream.range(0, 5).mapToObj(i -> backlog.admit(1)))
        .containsExactly(true, true, true, false, false);

    assertThat(dropped()).isEqualTo(2);
  }

  @Test
  void whatIsBeyondTheBytesIsDroppedAndCountedAndASmallerItemStillFits() {
    assertThat(Stream.of(60L, 41L, 40L).map(backlog::admit)).containsExactly(true, false, true);

    assertThat(dropped()).isEqualTo(1);
  }

  @Test
  void whatIsDeliveredOrRefusedMakesRoom() {
    IntStream.range(0, 3).forEach(i -> backlog.admit(30));
    CompletableResultCode delivered = backlog.export(2, 60, () -> answer);
    assertThat(backlog.admit(30)).isFalse();

    answer.succeed();
    assertThat(delivered.isSuccess()).isTrue();
    assertThat(Stream.of(30L, 30L, 30L).map(backlog::admit)).containsExactly(true, true, false);

    CompletableResultCode refused = backlog.export(3, 90, CompletableResultCode::ofFailure);
    assertThat(refused.isDone()).isTrue();
    assertThat(refused.isSuccess()).isFalse();
    assertThat(backlog.admit(100)).isTrue();
  }

  @Test
  void anExporterThatThrowsMakesRoomToo() {
    backlog.admit(100);

    assertThatThrownBy(
            () ->
                backlog.export(
                    1,
                    100,
                    () -> {
                      throw new IllegalStateException();
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(backlog.admit(100)).isTrue();
  }

  @Test
  void afterTheGraceThatFollowsAnExitTheExportIsGivenUpAndLaterOnesAreNotTried() {
    CompletableResultCode stuck = backlog.export(2, 60, () -> answer);
    CompletableResultCode closed = backlog.close(() -> stuck);

    assertThat(stuck.join(10, TimeUnit.SECONDS).isDone()).isTrue();
    assertThat(stuck.isSuccess()).isFalse();
    assertThat(closed.isDone()).isTrue();
    assertThat(
            backlog
                .export(
                    1,
                    30,
                    () -> {
                      throw new AssertionError("tried");
                    })
                .isDone())
        .isTrue();
  }

  @Test
  void aBatchIsSplitSoThatNoMessageIsTooLarge() {
    List<Collection<Long>> sent = new ArrayList<>();
    long third = Chunks.MOST_BYTES / 3;

    CompletableResultCode outcome =
        Chunks.of(List.of(third, third, third, third, 4 * third, 1L), size -> size)
            .export(
                backlog,
                part -> {
                  sent.add(part);
                  return sent.size() == 2
                      ? CompletableResultCode.ofFailure()
                      : CompletableResultCode.ofSuccess();
                });

    assertThat(sent)
        .containsExactly(
            List.of(third, third, third), List.of(third), List.of(4 * third), List.of(1L));
    assertThat(outcome.isSuccess()).isFalse();
    assertThat(outcome.isDone()).isTrue();
  }

  @Test
  void withoutDropsNoMetricIsMade() {
    MeterProvider unused =
        name -> {
          throw new AssertionError("asked for " + name);
        };

    assertThat(new Backlog(Backlog.Signal.LOG_RECORDS, 1, 1, () -> unused).admit(1)).isTrue();
  }

  private long dropped() {
    return metrics.collectAllMetrics().stream()
        .filter(metric -> metric.getName().equals("otel.sdk.processor.span.processed"))
        .map(MetricData::getLongSumData)
        .flatMap(sum -> sum.getPoints().stream())
        .filter(
            point ->
                point.getAttributes().asMap().entrySet().stream()
                    .map(entry -> entry.getKey().getKey() + "=" + entry.getValue())
                    .collect(Collectors.toSet())
                    .contains("error.type=queue_full"))
        .mapToLong(LongPointData::getValue)
        .sum();
  }
}
