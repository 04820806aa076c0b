package lapalma.agent.sampling;

import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.extension.incubator.trace.samplers.CompositeSampler;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JaegerSamplerTest {
  private static final String LOWEST = "00000000000000000000000000000000";
  private static final String HIGHEST = "00000000000000ffffffffffffffffff";

  private long now;
  private final JaegerSampler sampler =
      new JaegerSampler(
          new Strategy(0.25, Map.of("GET /", 1.0, "GET /never", 0.0), OptionalInt.empty(), 0),
          () -> now);
  private final Sampler composite = CompositeSampler.wrap(sampler);

  @Test
  void theRateOfTheRouteDecides() {
    assertThat(sample("/", LOWEST).getDecision()).isEqualTo(SamplingDecision.RECORD_AND_SAMPLE);
    assertThat(sample("/never", HIGHEST).getDecision()).isEqualTo(SamplingDecision.DROP);
    assertThat(sample("/other", LOWEST).getDecision()).isEqualTo(SamplingDecision.DROP);
    assertThat(sample("/other", HIGHEST).getDecision())
        .isEqualTo(SamplingDecision.RECORD_AND_SAMPLE);
  }

  @Test
  void theTraceStateTellsTheShare() {
    assertThat(stateOf(sample("/", HIGHEST))).isEqualTo("th:0");
    // A quarter of the values lies above 0xc0000000000000.
    assertThat(stateOf(sample("/other", HIGHEST))).isEqualTo("th:c");
  }

  @Test
  void aNewStrategyHoldsAtOnce() {
    sampler.follow(Strategy.probabilistic(0));

    assertThat(sample("/", HIGHEST).getDecision()).isEqualTo(SamplingDecision.DROP);
  }

  @Test
  void aLimitHoldsOverAllOperationsAndTellsNoShare() {
    sampler.follow(new Strategy(1, Map.of("GET /never", 0.0), OptionalInt.of(5), 0));

    assertThat(sampledOf(100, "/never")).isZero();
    assertThat(stateOf(sample("/", LOWEST))).isNull();
    assertThat(sampledOf(100, "/") + sampledOf(100, "/other")).isEqualTo(4);
  }

  /** Jaeger's guaranteed throughput: of each operation, and of all others together. */
  @Test
  void aLowerBoundHoldsForEachOperationWhateverItsRate() {
    sampler.follow(
        new Strategy(0, Map.of("GET /", 0.0, "GET /never", 0.0), OptionalInt.empty(), 2));

    assertThat(stateOf(sample("/", LOWEST))).isEqualTo("th:0");
    assertThat(sampledOf(100, "/")).isEqualTo(1);
    assertThat(sampledOf(100, "/never")).isEqualTo(2);
    assertThat(sampledOf(100, "/a") + sampledOf(100, "/b")).isEqualTo(2);
    now += TimeUnit.SECONDS.toNanos(1);
    assertThat(sampledOf(100, "/never")).isEqualTo(2);
  }

  private long sampledOf(int count, String path) {
    return IntStream.range(0, count)
        .filter(i -> sample(path, LOWEST).getDecision() == SamplingDecision.RECORD_AND_SAMPLE)
        .count();
  }

  private static String stateOf(SamplingResult result) {
    return result.getUpdatedTraceState(TraceState.getDefault()).get("ot");
  }

  private SamplingResult sample(String path, String traceId) {
    return composite.shouldSample(
        Context.root(),
        traceId,
        "GET",
        SpanKind.SERVER,
        Attributes.of(stringKey("http.request.method"), "GET", stringKey("url.path"), path),
        List.of());
  }
}
