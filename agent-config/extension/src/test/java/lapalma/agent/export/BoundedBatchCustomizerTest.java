package lapalma.agent.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.impl.InstrumentationUtil;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Protocol;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Configures an SDK by properties. The SDK finds the customizer itself. */
class BoundedBatchCustomizerTest {
  @AutoClose private final MockWebServer server = new MockWebServer();
  private final Map<String, String> properties = new HashMap<>();

  @BeforeEach
  void onlyTraces() {
    properties.put("otel.metrics.exporter", "none");
    properties.put("otel.logs.exporter", "none");
    properties.put("otel.exporter.otlp.protocol", "http/protobuf");
  }

  private OpenTelemetrySdk sdk() {
    return AutoConfiguredOpenTelemetrySdk.builder()
        .addPropertiesSupplier(() -> properties)
        .build()
        .getOpenTelemetrySdk();
  }

  private RecordedRequest spanSent() throws InterruptedException {
    try (OpenTelemetrySdk sdk = sdk()) {
      sdk.getTracer("test").spanBuilder("span").startSpan().end();
      RecordedRequest request = server.takeRequest(30, TimeUnit.SECONDS);
      assertThat(request).isNotNull();
      return request;
    }
  }

  @Test
  void spansAreSentByTheJdksClient() throws Exception {
    server.enqueue(new MockResponse.Builder().code(200).build());
    server.start();
    properties.put("otel.exporter.otlp.endpoint", "http://127.0.0.1:" + server.getPort());
    properties.put("otel.exporter.otlp.headers", "tenant=a");

    RecordedRequest request = spanSent();

    assertThat(request.getTarget()).isEqualTo("/v1/traces");
    assertThat(request.getHeaders().get("tenant")).isEqualTo("a");
    // OkHttp would ask for a compressed answer.
    assertThat(request.getHeaders().get("Accept-Encoding")).isNull();
  }

  @Test
  void spansAreSentOverGrpc() throws Exception {
    server.setProtocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
    server.enqueue(
        new MockResponse.Builder()
            .addHeader("content-type", "application/grpc")
            .trailers(okhttp3.Headers.of("grpc-status", "0"))
            .build());
    server.start();
    properties.put("otel.exporter.otlp.endpoint", "http://127.0.0.1:" + server.getPort());
    properties.put("otel.exporter.otlp.protocol", "grpc");

    assertThat(spanSent().getTarget())
        .isEqualTo("/opentelemetry.proto.collector.trace.v1.TraceService/Export");
  }

  /** With java.util.logging at FINE, the JDK's client logs each request. */
  @Test
  void whatIsLoggedWhileItSendsIsNotExported() throws Exception {
    server.enqueue(new MockResponse.Builder().code(200).build());
    server.start();
    properties.put("otel.logs.exporter", "otlp");
    properties.put("otel.exporter.otlp.endpoint", "http://127.0.0.1:" + server.getPort());
    try (OpenTelemetrySdk sdk = sdk()) {
      var logger = sdk.getLogsBridge().get("test");
      InstrumentationUtil.suppressInstrumentation(
          () -> logger.logRecordBuilder().setBody("of the client").emit());
      logger.logRecordBuilder().setBody("of the app").emit();
      RecordedRequest request = server.takeRequest(30, TimeUnit.SECONDS);

      assertThat(request.getBody().utf8()).contains("of the app").doesNotContain("of the client");
    }
  }

  @Test
  void batchesHaveTheBoundsOfBoundedBatch() {
    properties.put("otel.logs.exporter", "otlp");
    try (OpenTelemetrySdk sdk = sdk()) {
      assertThat(sdk.getSdkTracerProvider().toString())
          .contains(
              "BoundedSpanProcessor{BatchSpanProcessor{",
              "scheduleDelayNanos=500000000, maxExportBatchSize=2048, exporterTimeoutNanos="
                  + Long.MAX_VALUE);
      assertThat(sdk.getSdkLoggerProvider().toString())
          .contains(
              "BoundedLogRecordProcessor{BatchLogRecordProcessor{",
              "scheduleDelayNanos=500000000, maxExportBatchSize=2048, exporterTimeoutNanos="
                  + Long.MAX_VALUE);
    }
  }

  @Test
  void whatTheUserSetsOfABatchIsHonoured() {
    properties.put("otel.bsp.schedule.delay", "7000");
    properties.put("otel.bsp.max.queue.size", "600");
    properties.put("otel.bsp.export.timeout", "9000");
    try (OpenTelemetrySdk sdk = sdk()) {
      assertThat(sdk.getSdkTracerProvider().toString())
          .contains(
              "BoundedSpanProcessor{BatchSpanProcessor{",
              // 512 is upstream's.
              "scheduleDelayNanos=7000000000, maxExportBatchSize=512, exporterTimeoutNanos=9000000000");
    }
  }
}
