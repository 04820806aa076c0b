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
    Series first = of("GET", "/items/{id}", 200, "http");

    assertThat(of("GET", "/items/{id}", 200, "http")).isSameAs(first);
    assertThat(of("GET", "/items/{id}", 404, "http")).isNotSameAs(first);
    assertThat(of("POST", "/items/{id}", 200, "http")).isNotSameAs(first);
    assertThat(of("GET", "/items/{id}", 200, "http")).isSameAs(first);
  }

  @Test
  void theSeriesOfAThousandRoutesAreKept() {
    Series early = of("GET", "/0", 200, "http");
    for (int i = 1; i < 2000; i++) {
      of("GET", "/" + i, 200, "http");
    }
    Series late = of("GET", "/late", 200, "http");

    assertThat(of("GET", "/0", 200, "http")).isSameAs(early);
    assertThat(late.spanName()).isEqualTo("GET /late");
    assertThat(late.attributes().get(RequestDurations.ROUTE)).isEqualTo("/late");
    assertThat(of("GET", "/late", 200, "http")).isEqualTo(late).isNotSameAs(late);
  }

  /** A client chooses the scheme of HTTP/2, and could fill the memory with them. */
  @Test
  void theSeriesOfAnOddSchemeIsNotKept() {
    assertThat(of("GET", "/", 200, "https")).isSameAs(of("GET", "/", 200, "https"));
    assertThat(of("GET", "/", 200, "odd"))
        .isEqualTo(of("GET", "/", 200, "odd"))
        .isNotSameAs(of("GET", "/", 200, "odd"));
  }

  private Series of(String method, String route, int status, String scheme) {
    return durations.of(method, route, status, scheme, "1.1");
  }
}
