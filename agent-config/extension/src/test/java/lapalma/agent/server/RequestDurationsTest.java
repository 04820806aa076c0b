package lapalma.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.OpenTelemetry;
import lapalma.agent.server.RequestDurations.Series;
import org.junit.jupiter.api.Test;

class RequestDurationsTest {
  private final RequestDurations durations =
      new RequestDurations(OpenTelemetry.noop().getMeter("test"));

  @Test
  void aSeriesIsMadeOnce() {
    Series first = durations.of("GET", "/items/{id}", 200);

    assertThat(durations.of("GET", "/items/{id}", 200)).isSameAs(first);
    assertThat(durations.of("GET", "/items/{id}", 404)).isNotSameAs(first);
    assertThat(durations.of("POST", "/items/{id}", 200)).isNotSameAs(first);
    assertThat(durations.of("GET", "/items/{id}", 200)).isSameAs(first);
  }

  @Test
  void theSeriesOfAThousandRoutesAreKept() {
    Series early = durations.of("GET", "/0", 200);
    for (int i = 1; i < 2000; i++) {
      durations.of("GET", "/" + i, 200);
    }
    Series late = durations.of("GET", "/late", 200);

    assertThat(durations.of("GET", "/0", 200)).isSameAs(early);
    assertThat(late.spanName()).isEqualTo("GET /late");
    assertThat(late.attributes().get(RequestDurations.ROUTE)).isEqualTo("/late");
    assertThat(durations.of("GET", "/late", 200)).isEqualTo(late).isNotSameAs(late);
  }
}
