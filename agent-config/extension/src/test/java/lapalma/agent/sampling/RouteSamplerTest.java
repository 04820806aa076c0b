package lapalma.agent.sampling;

import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteSamplerTest {
  private static final String HIGHEST = "00000000000000ffffffffffffffffff";
  private static final long ALL = 1L << 56;

  private final JaegerSampler jaeger =
      new JaegerSampler(
          new Strategy(0.25, Map.of("GET /", 1.0, "GET /never", 0.0), OptionalInt.empty(), 0),
          () -> 0);
  private final RouteSampler sampler =
      new RouteSampler(jaeger, new ExcludedPaths(List.of("/health")), true, null);

  @Test
  void requestsToAnExcludedPathAreDroppedWhateverTheirCallerSays() {
    assertThat(sample(Context.root(), SpanKind.SERVER, "/health")).isEqualTo(SamplingDecision.DROP);
    assertThat(sample(caller(TraceFlags.getSampled()), SpanKind.SERVER, "/health"))
        .isEqualTo(SamplingDecision.DROP);
    assertThat(sample(caller(TraceFlags.getSampled()), SpanKind.CLIENT, "/health"))
        .isEqualTo(SamplingDecision.RECORD_AND_SAMPLE);
  }

  @ParameterizedTest
  @CsvSource({
    "/actuator,        true",
    "/actuator/,       true",
    "/actuator/health, true",
    "/actuators,       false",
    "/,                false",
    "/health,          true",
    "/health/,         false",
    ",                 false",
  })
  void aPathIsExactOrAPrefix(String path, boolean excluded) {
    assertThat(new ExcludedPaths(List.of("/health", "/actuator/*")).contain(path))
        .isEqualTo(excluded);
  }

  /** The SDK finds the customizer itself. */
  @Test
  void aPropertyExcludesPathsFromAnySampler() {
    Map<String, String> properties =
        Map.of(
            "otel.traces.excluded.paths", "/health,/actuator/*",
            "otel.traces.sampler", "always_on",
            "otel.traces.exporter", "none",
            "otel.metrics.exporter", "none",
            "otel.logs.exporter", "none");
    try (OpenTelemetrySdk sdk =
        AutoConfiguredOpenTelemetrySdk.builder()
            .addPropertiesSupplier(() -> properties)
            .build()
            .getOpenTelemetrySdk()) {
      SdkTracerProvider tracers = sdk.getSdkTracerProvider();
      assertThat(isSampled(tracers, "/actuator/health")).isFalse();
      assertThat(isSampled(tracers, "/other")).isTrue();
    }
  }

  private static boolean isSampled(SdkTracerProvider tracers, String path) {
    return request(tracers, Context.root(), path).startSpan().getSpanContext().isSampled();
  }

  @Test
  void theCallersDecisionIsFollowed() {
    assertThat(sample(caller(TraceFlags.getSampled()), SpanKind.SERVER, "/never"))
        .isEqualTo(SamplingDecision.RECORD_AND_SAMPLE);
    assertThat(sample(caller(TraceFlags.getDefault()), SpanKind.SERVER, "/"))
        .isEqualTo(SamplingDecision.DROP);
  }

  /** An unsampled caller, or one whose threshold agrees with its flag, or contradicts it. */
  @ParameterizedTest
  @CsvSource({
    "01, th:8;rv:ff000000000000,        true,  th:8;rv:ff000000000000",
    "01, rv:80000000000000;th:8,        true,  rv:80000000000000;th:8",
    "01, th:ffffffffffffff,             true,  th:ffffffffffffff", // of the trace ID
    "01, rv:01000000000000,             true,  rv:01000000000000",
    "01, th:8;rv:7fffffffffffff,        true,  rv:7fffffffffffff",
    "01, th:8;rv:01000000000000;x:1,    true,  rv:01000000000000;x:1",
    "01, th:zz;x:1,                     true,  x:1",
    "01, th:-8,                         true,  ",
    "01, th:;rv:,                       true,  rv:",
    "01, th,                            true,  th",
    "00, th:8;rv:ffffffffffffff,        false, rv:ffffffffffffff",
    "00, th:8,                          false, ",
  })
  void aThresholdThatContradictsTheFlagIsAbsent(
      String flags, String sent, boolean sampled, String kept) {
    try (var sdk = sdk()) {
      Context caller = caller(TraceFlags.fromHex(flags, 0), sent);
      SpanContext span = request(sdk, caller, "/never").startSpan().getSpanContext();

      assertThat(span.isSampled()).isEqualTo(sampled);
      assertThat(span.getTraceState())
          .isEqualTo(
              kept == null
                  ? TraceState.builder().put("other", "1").build()
                  : span.getTraceState().toBuilder().put("ot", kept).build());
      assertThat(span.getTraceState().get("other")).isEqualTo("1");
    }
  }

  @Test
  void aCallerCanBeIgnored() {
    var ignoring = new RouteSampler(jaeger, new ExcludedPaths(List.of("/health")), false, null);
    Context sampled = caller(TraceFlags.getSampled());
    Context unsampled = caller(TraceFlags.getDefault());

    assertThat(sample(ignoring, sampled, SpanKind.SERVER, "/never"))
        .isEqualTo(SamplingDecision.DROP);
    assertThat(sample(ignoring, unsampled, SpanKind.SERVER, "/"))
        .isEqualTo(SamplingDecision.RECORD_AND_SAMPLE);
    // The trace ID has the highest bits, by which any rate would sample.
    assertThat(
            Stream.generate(() -> sample(ignoring, sampled, SpanKind.SERVER, "/other")).limit(200))
        .contains(SamplingDecision.DROP, SamplingDecision.RECORD_AND_SAMPLE);
  }

  @Test
  void withoutACallerTheRateOfTheRouteDecides() {
    assertThat(sample(Context.root(), SpanKind.SERVER, "/"))
        .isEqualTo(SamplingDecision.RECORD_AND_SAMPLE);
    assertThat(sample(Context.root(), SpanKind.SERVER, "/never")).isEqualTo(SamplingDecision.DROP);
  }

  @Test
  void itTellsWhichRequestsItWillDrop() {
    assertThat(sampler.dropsBelow("GET", "GET", "/")).isZero();
    assertThat(sampler.dropsBelow("GET", "GET", "/other")).isEqualTo(ALL / 4 * 3);
    assertThat(sampler.dropsBelow("GET", "GET", "/never")).isEqualTo(ALL);
    assertThat(sampler.dropsBelow("GET", "GET", "/health")).isEqualTo(ALL);
  }

  @Test
  void itCannotTellAsLongAsALowerBoundIsNotReached() {
    jaeger.follow(new Strategy(0, Map.of("GET /never", 0.0), OptionalInt.empty(), 1));

    assertThat(sampler.dropsBelow("GET", "GET", "/never")).isZero();
    assertThat(sample(Context.root(), SpanKind.SERVER, "/never"))
        .isEqualTo(SamplingDecision.RECORD_AND_SAMPLE);
    assertThat(sampler.dropsBelow("GET", "GET", "/never")).isEqualTo(ALL);
    assertThat(sampler.dropsBelow("GET", "GET", "/other")).isZero();
  }

  @Test
  void withALimitItCannotTell() {
    jaeger.follow(new Strategy(1, Map.of("GET /never", 0.0), OptionalInt.of(5), 0));

    assertThat(sampler.dropsBelow("GET", "GET", "/never")).isZero();
    assertThat(sampler.dropsBelow("GET", "GET", "/other")).isZero();
    assertThat(sampler.dropsBelow("GET", "GET", "/health")).isEqualTo(ALL);
  }

  /** Of "/other" a quarter is sampled: that of the highest bits. */
  @ParameterizedTest
  @CsvSource({
    "0xffffffffffffff, true",
    "0xc0000000000000, true",
    "0xbfffffffffffff, false",
    "0x00000000000001, false",
    "0x00000000000000, false",
  })
  void theBitsOfAPresetTraceIdDecide(long bits, boolean sampled) {
    try (var sdk = sdk()) {
      SpanContext span = startWith(sdk, bits);

      assertThat(span.getTraceId()).isEqualTo(traceId(bits));
      assertThat(span.isSampled()).isEqualTo(sampled);
      assertThat(span.getTraceState().get("ot")).isEqualTo(sampled ? "th:c" : null);
    }
  }

  @ParameterizedTest
  @CsvSource({"1.0, th:0", "0.5, th:8", "0.1, th:e6666666666668", "0.0, "})
  void theTraceStateTellsTheRate(double rate, String state) {
    jaeger.follow(new Strategy(rate, Map.of(), OptionalInt.empty(), 0));
    try (var sdk = sdk()) {
      assertThat(startWith(sdk, ALL - 1).getTraceState().get("ot")).isEqualTo(state);
    }
  }

  @Test
  void aRequestThatIsKeptIsSampledWithItsIds() {
    try (var sdk = sdk()) {
      PresetIds.set(traceId(0), "00000000000000aa");
      Span kept = request(sdk, Context.root(), "/other").startSpan();
      Span excluded = request(sdk, Context.root(), "/health").startSpan();
      PresetIds.clear();
      Span next = request(sdk, Context.root(), "/other").startSpan();

      assertThat(kept.getSpanContext())
          .returns(traceId(0), SpanContext::getTraceId)
          .returns("00000000000000aa", SpanContext::getSpanId)
          .returns(true, SpanContext::isSampled);
      assertThat(kept.getSpanContext().getTraceState().isEmpty()).isTrue();
      assertThat(excluded.getSpanContext().isSampled()).isFalse();
      assertThat(next.getSpanContext().getTraceId()).isNotEqualTo(traceId(0));
    }
  }

  @Test
  void aRequestOfACallerIsKeptWithTheCallersTrace() {
    try (var sdk = sdk()) {
      PresetIds.set(HIGHEST, "00000000000000aa");
      Span kept = request(sdk, caller(TraceFlags.getDefault(), "th:c"), "/other").startSpan();
      PresetIds.clear();

      assertThat(((ReadableSpan) kept).getParentSpanContext().getSpanId())
          .isEqualTo("00000000000000ff");
      assertThat(kept.getSpanContext())
          .returns(HIGHEST, SpanContext::getTraceId)
          .returns("00000000000000aa", SpanContext::getSpanId)
          .returns(true, SpanContext::isSampled)
          .returns(TraceState.builder().put("other", "1").build(), SpanContext::getTraceState);
    }
  }

  @Test
  void aChildHasTheDecisionAndTheTraceStateOfItsParent() {
    try (var sdk = sdk()) {
      SpanContext sampled = startWith(sdk, ALL - 1);
      SpanContext dropped = startWith(sdk, 0);

      assertThat(childOf(sampled, sdk).isSampled()).isTrue();
      assertThat(childOf(sampled, sdk).getTraceState()).isEqualTo(sampled.getTraceState());
      assertThat(childOf(dropped, sdk).isSampled()).isFalse();
    }
  }

  @Test
  void aClosedSdkAsksJaegerNoMore() throws Exception {
    var asking = new CompletableFuture<Thread>();
    jaeger.ask(
        () -> {
          asking.complete(Thread.currentThread());
          return "{\"probabilisticSampling\":{\"samplingRate\":1}}";
        },
        Duration.ofDays(1));
    Thread thread = asking.get(30, TimeUnit.SECONDS);

    sdk().close();
    thread.join(TimeUnit.SECONDS.toMillis(30));

    assertThat(thread.isAlive()).isFalse();
  }

  private static SpanContext childOf(SpanContext parent, SdkTracerProvider sdk) {
    Span child =
        sdk.get("test")
            .spanBuilder("Dice.roll")
            .setParent(Context.root().with(Span.wrap(parent)))
            .startSpan();
    child.end();
    return child.getSpanContext();
  }

  private SdkTracerProvider sdk() {
    return SdkTracerProvider.builder().setSampler(sampler).setIdGenerator(new PresetIds()).build();
  }

  private static String traceId(long bits) {
    return "000000000000000500%014x".formatted(bits);
  }

  private static SpanContext startWith(SdkTracerProvider sdk, long bits) {
    PresetIds.set(traceId(bits), null);
    Span span = request(sdk, Context.root(), "/other").startSpan();
    PresetIds.clear();
    span.end();
    return span.getSpanContext();
  }

  private static SpanBuilder request(SdkTracerProvider sdk, Context parent, String path) {
    return sdk.get("test")
        .spanBuilder("GET")
        .setSpanKind(SpanKind.SERVER)
        .setParent(parent)
        .setAttribute("http.request.method", "GET")
        .setAttribute("url.path", path);
  }

  private SamplingDecision sample(Context parent, SpanKind kind, String path) {
    return sample(sampler, parent, kind, path);
  }

  private static SamplingDecision sample(
      RouteSampler sampler, Context parent, SpanKind kind, String path) {
    return sampler
        .shouldSample(
            parent,
            HIGHEST,
            "GET",
            kind,
            Attributes.of(stringKey("http.request.method"), "GET", stringKey("url.path"), path),
            List.of())
        .getDecision();
  }

  private static Context caller(TraceFlags flags) {
    return caller(flags, TraceState.getDefault());
  }

  private static Context caller(TraceFlags flags, String ot) {
    return caller(flags, TraceState.builder().put("other", "1").put("ot", ot).build());
  }

  private static Context caller(TraceFlags flags, TraceState state) {
    return Context.root()
        .with(
            Span.wrap(
                SpanContext.createFromRemoteParent(HIGHEST, "00000000000000ff", flags, state)));
  }
}
