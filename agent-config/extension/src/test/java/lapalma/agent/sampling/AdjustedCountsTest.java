package lapalma.agent.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The spans that tell for how many requests they stand do so for as many as there were. */
class AdjustedCountsTest {
  private static final int REQUESTS = 10_000;
  private static final double STANDARD_DEVIATIONS = 5;

  private final Random random = new Random(38);
  private long now;

  private final JaegerSampler jaeger =
      new JaegerSampler(
          new Strategy(0.1, Map.of("GET /half", 0.5), OptionalInt.empty(), 0), () -> now);
  private boolean followsCallers = true;

  private int sampled;
  private double counted;

  @Test
  void ofRequestsWithoutACaller() {
    send(Context.root(), "/half");
    isWithinBounds(REQUESTS, 0.5);
  }

  /** Half of the requests are sampled because of the bound, and a tenth of the others. */
  @Test
  void ofRequestsOfWhichALowerBoundSamplesSome() {
    jaeger.follow(new Strategy(0.1, Map.of(), OptionalInt.empty(), 500));
    send(Context.root(), "/other");
    isWithinBounds(REQUESTS, 0.1);
    assertThat(sampled).isBetween(5_300, 6_200);
  }

  /** The flag says what the threshold of a quarter says. */
  @Test
  void ofCallersThatAgreeWithThemselves() {
    for (int i = 0; i < REQUESTS; i++) {
      long value = random.nextLong() >>> 8;
      send(caller(value >= 3L << 54, "th:c;rv:%014x".formatted(value)), "/half", 1);
    }
    isWithinBounds(REQUESTS, 0.25);
  }

  @Test
  void ofNoCallerThatContradictsItself() {
    send(caller(true, "th:c;rv:bfffffffffffff"), "/half");
    assertThat(sampled).isEqualTo(REQUESTS);
    send(caller(false, "th:8;rv:ffffffffffffff"), "/half");
    assertThat(sampled).isEqualTo(REQUESTS);
    assertThat(counted).isZero();
  }

  @Test
  void ofNoRequestThatAnotherRuleDecides() {
    followsCallers = false;
    Context caller = caller(true, "th:c;rv:ffffffffffffff");
    send(caller, "/health");
    assertThat(sampled).isZero();
    send(caller, "/half");
    assertThat((double) sampled)
        .isCloseTo(REQUESTS / 2d, within(STANDARD_DEVIATIONS * Math.sqrt(REQUESTS / 4d)));
    jaeger.follow(new Strategy(1, Map.of(), OptionalInt.of(7), 0));
    sampled = 0;
    send(caller, "/half");
    send(Context.root(), "/half");
    assertThat(sampled).isBetween(7 * 20 - 1, 7 * 21);
    assertThat(counted).isZero();
  }

  private void isWithinBounds(int requests, double rate) {
    assertThat(counted)
        .isCloseTo(requests, within(STANDARD_DEVIATIONS * Math.sqrt(requests * (1 - rate) / rate)));
  }

  private void send(Context caller, String path) {
    send(caller, path, REQUESTS);
  }

  /** Sends a request each millisecond, and reads the trace state as the specification says. */
  private void send(Context caller, String path, int requests) {
    var sampler =
        new RouteSampler(jaeger, new ExcludedPaths(List.of("/health")), followsCallers, null);
    try (var sdk = SdkTracerProvider.builder().setSampler(sampler).setIdGenerator(ids()).build()) {
      for (int i = 0; i < requests; i++) {
        now += TimeUnit.MILLISECONDS.toNanos(1);
        Span span =
            sdk.get("test")
                .spanBuilder("GET")
                .setSpanKind(SpanKind.SERVER)
                .setParent(caller)
                .setAttribute("http.request.method", "GET")
                .setAttribute("url.path", path)
                .startSpan();
        String ot = span.getSpanContext().getTraceState().get("ot");
        if (span.getSpanContext().isSampled()) {
          sampled++;
          if (ot != null && ot.startsWith("th:")) {
            String threshold = "0." + ot.substring("th:".length()).split(";")[0];
            counted += 1 / (1 - Double.parseDouble("0x" + threshold + "p0"));
          }
        } else {
          assertThat(String.valueOf(ot)).doesNotContain("th:");
        }
        span.end();
      }
    }
  }

  private IdGenerator ids() {
    return new IdGenerator() {
      @Override
      public String generateSpanId() {
        return "%016x".formatted(random.nextLong() | 1);
      }

      @Override
      public String generateTraceId() {
        return generateSpanId() + "%016x".formatted(random.nextLong());
      }
    };
  }

  private static Context caller(boolean sampled, String ot) {
    return Context.root()
        .with(
            Span.wrap(
                SpanContext.createFromRemoteParent(
                    "0000000000000005ffffffffffffffff",
                    "00000000000000ff",
                    sampled ? TraceFlags.getSampled() : TraceFlags.getDefault(),
                    TraceState.builder().put("ot", ot).build())));
  }
}
