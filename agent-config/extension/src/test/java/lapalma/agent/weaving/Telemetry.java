package lapalma.agent.weaving;

import static org.awaitility.Awaitility.await;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.OpenTelemetrySdkBuilder;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfiguration;
import io.opentelemetry.sdk.internal.OpenTelemetrySdkBuilderUtil;
import io.opentelemetry.sdk.internal.SdkConfigProvider;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The SDK of the tests, which is the global one while they run. It samples what has no caller.
 *
 * <p>Advice keeps the tracer that it got first, as it may in an agent: all classes of tests
 * therefore share what is behind it.
 */
public final class Telemetry implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {
  private static final InMemorySpanExporter spans = InMemorySpanExporter.create();
  private static final InMemoryMetricReader metrics = InMemoryMetricReader.create();
  private static final SdkTracerProvider tracers =
      SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(spans)).build();
  private static final SdkMeterProvider meters =
      SdkMeterProvider.builder().registerMetricReader(metrics).build();

  /** What instrumentations read of the agent's file. */
  private static final String CONFIG =
      """
      instrumentation/development:
        general: { code: { semconv: { version: 1 } } }
        java: { sampled_methods: { include: [%s] } }
      """;

  private final String config;

  private Telemetry(String config) {
    this.config = config;
  }

  /** Makes the extension of a test that configures no instrumentation. */
  public static Telemetry create() {
    return tracing("");
  }

  /**
   * Makes the extension of a test.
   *
   * @param methods entries of {@code sampled_methods}, as in the agent's file
   */
  public static Telemetry tracing(String... methods) {
    return new Telemetry(CONFIG.formatted(String.join(", ", methods)));
  }

  /** What has ended since the test began, in the order of the ends. */
  public List<SpanData> spans() {
    return spans.getFinishedSpanItems();
  }

  /** Waits: the span of a server may end after its client has the answer. */
  public List<SpanData> awaitSpans(int count) {
    await()
        .pollInterval(Duration.ofMillis(1))
        .pollDelay(Duration.ZERO)
        .until(this::spans, found -> found.size() >= count);
    return spans();
  }

  /** What was measured in this JVM: to empty it would lose the instruments that advice keeps. */
  public List<MetricData> metrics() {
    return List.copyOf(metrics.collectAllMetrics());
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    var yaml = new ByteArrayInputStream(config.getBytes(StandardCharsets.UTF_8));
    OpenTelemetrySdkBuilder builder =
        OpenTelemetrySdk.builder()
            .setTracerProvider(tracers)
            .setMeterProvider(meters)
            .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()));
    OpenTelemetrySdkBuilderUtil.setConfigProvider(
        builder, SdkConfigProvider.create(DeclarativeConfiguration.toConfigProperties(yaml)));
    GlobalOpenTelemetry.resetForTest();
    GlobalOpenTelemetry.set(builder.build());
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    spans.reset();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    GlobalOpenTelemetry.resetForTest();
  }
}
