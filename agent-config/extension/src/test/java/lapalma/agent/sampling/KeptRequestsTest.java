package lapalma.agent.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.opentelemetry.api.incubator.config.DeclarativeConfigException;
import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfiguration;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeptRequestsTest {
  private static final long FAST = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long SLOW = FAST + 1;

  private final AtomicLong nanos = new AtomicLong();

  @Test
  void failedAndSlowRequestsAreKept() {
    KeptRequests kept = kept("slower_than: 100");

    assertThat(kept.reason("GET /", true, 0)).isEqualTo("error");
    assertThat(kept.reason("GET /", true, SLOW)).isEqualTo("error");
    assertThat(kept.reason("GET /", false, SLOW)).isEqualTo("slow");
    assertThat(kept.reason("GET /", false, FAST)).isNull();
  }

  @Test
  void aRouteMayHaveALimitOfItsOwn() {
    KeptRequests kept =
        kept(
            "{ slower_than: 100, slower_than_by_route:"
                + " [{ route: 'GET /report/{id}', slower_than: 2000 }] }");

    assertThat(kept.reason("GET /report/{id}", false, SLOW)).isNull();
    assertThat(kept.reason("GET /report/{id}", false, 20 * SLOW)).isEqualTo("slow");
    assertThat(kept.reason("GET /", false, SLOW)).isEqualTo("slow");
  }

  @Test
  void bothCanBeOff() {
    KeptRequests kept = kept("errors: false");

    assertThat(kept.reason("GET /", true, Long.MAX_VALUE)).isNull();
  }

  @Test
  void aStormIsLimited() {
    KeptRequests kept = kept("most_per_second: 3");

    assertThat(IntStream.range(0, 100).filter(i -> kept.reason("GET", true, 0) != null)).hasSize(3);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
    assertThat(IntStream.range(0, 100).filter(i -> kept.reason("GET", true, 0) != null)).hasSize(3);
  }

  @Test
  void excludedPathsAndCallersThatDoNotSampleAreRespected() {
    var jaeger =
        new JaegerSampler(new Strategy(0, Map.of(), OptionalInt.empty(), 0), System::nanoTime);
    var following =
        new RouteSampler(jaeger, new ExcludedPaths(List.of("/health")), true, kept("errors: true"));
    var ignoring =
        new RouteSampler(jaeger, new ExcludedPaths(List.of()), false, kept("errors: true"));
    var keepingNone = new RouteSampler(jaeger, new ExcludedPaths(List.of()), true, null);

    assertThat(following.reasonToKeep("GET /", "/", true, false, 0)).isEqualTo("error");
    assertThat(following.reasonToKeep("GET /", "/", true, true, 0)).isNull();
    assertThat(following.reasonToKeep("GET", "/health", true, false, 0)).isNull();
    assertThat(ignoring.reasonToKeep("GET /", "/", true, true, 0)).isEqualTo("error");
    assertThat(keepingNone.reasonToKeep("GET /", "/", true, false, 0)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          slower_than: 0; slower_than must be a whole number from 1 to 2147483647: 0
          slower_than: soon; slower_than must be a whole number from 1 to 2147483647
          most_per_second: 0.5; most_per_second must be a whole number from 1 to 2147483647
          slower_than_by_route: [{ slower_than: 5 }]; slower_than_by_route needs route and slower_than in each entry
          slower_than_by_route: [{ route: GET / }]; slower_than_by_route needs route and slower_than in each entry
          """)
  void aMistakeIsRefused(String yaml, String sentence) {
    assertThatExceptionOfType(DeclarativeConfigException.class)
        .isThrownBy(() -> kept(yaml))
        .withMessage(sentence);
  }

  private KeptRequests kept(String yaml) {
    return new KeptRequests(properties(yaml), nanos::get);
  }

  private static DeclarativeConfigProperties properties(String yaml) {
    return DeclarativeConfiguration.toConfigProperties(
        new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)));
  }
}
