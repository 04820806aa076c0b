package lapalma.compare.backend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import lapalma.compare.LabException;
import lapalma.compare.plan.Protocol;
import org.junit.jupiter.api.Test;
import org.msgpack.jackson.dataformat.MessagePackFactory;

class DecodersTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  @Test
  void readsSpansOfBothGenerationsOfOtlp() {
    var request = ExportTraceServiceRequest.newBuilder();
    var spans = request.addResourceSpansBuilder().addScopeSpansBuilder();
    spans.addSpans(
        span("GET /", Map.of("url.path", "/", "http.route", "/"))
            .addAttributes(number("http.response.status_code", 200)));
    spans.addSpans(
        span("GET", Map.of("http.target", "/fail?a=b"))
            .addAttributes(number("http.status_code", 500))
            .addEvents(Span.Event.newBuilder().setName("exception")));

    assertThat(decode(Protocol.OTLP, "/v1/traces", request.build().toByteArray()).spans())
        .containsExactly(
            new Telemetry.Span(true, "GET /", TRACE, "/", "/", 200, false),
            new Telemetry.Span(true, "GET", TRACE, "/fail", "", 500, true));
  }

  @Test
  void readsWhenServerSpansOfOtlpBegan() throws IOException {
    var request = ExportTraceServiceRequest.newBuilder();
    for (int resource = 0; resource < 2; resource++) {
      var resourceSpans = request.addResourceSpansBuilder().setSchemaUrl("a schema");
      resourceSpans.getResourceBuilder().addAttributes(text("service.name", "dice"));
      var spans = resourceSpans.addScopeSpansBuilder();
      spans.getScopeBuilder().setName("a scope");
      spans.addSpans(
          span("GET /", Map.of("url.path", "/")).setStartTimeUnixNano(1_700_000_000_123_456_789L));
      spans.addSpans(span("roll", Map.of()).setKind(Span.SpanKind.SPAN_KIND_INTERNAL));
    }

    assertThat(began(Protocol.OTLP, "/v1/traces", request.build().toByteArray()))
        .containsExactly(1_700_000_000_123L, 1_700_000_000_123L);
    assertThat(began(Protocol.OTLP, "/v1/logs", new byte[] {1})).isEmpty();
  }

  @Test
  void readsWhenServerSpansOfDatadogBegan() throws IOException {
    var server =
        Map.of(
            "meta", Map.of("a", "b", "span.kind", "server", "c", "d"),
            "start", 1_700_000_000_123_456_789L,
            "metrics", Map.of("_sample_rate", 1.0));
    var body =
        List.of(List.of(server, Map.of("start", 1L, "meta", Map.of())), List.of(server, server));

    assertThat(
            began(
                Protocol.DATADOG,
                "/v0.4/traces",
                new ObjectMapper(new MessagePackFactory()).writeValueAsBytes(body)))
        .containsExactly(1_700_000_000_123L, 1_700_000_000_123L);
  }

  private static List<Long> began(Protocol protocol, String target, byte[] body)
      throws IOException {
    List<Long> began = new ArrayList<>();
    Decoder.of(protocol).readServerSpans(new CapturedRequest(target, body), began::add);
    return began;
  }

  @Test
  void countsExemplarsOfOtlp() {
    var request = ExportMetricsServiceRequest.newBuilder();
    request
        .addResourceMetricsBuilder()
        .addScopeMetricsBuilder()
        .addMetricsBuilder()
        .setName("http.server.request.duration")
        .setHistogram(
            Histogram.newBuilder()
                .addDataPoints(
                    HistogramDataPoint.newBuilder()
                        .addExemplars(Exemplar.getDefaultInstance())
                        .addExemplars(Exemplar.getDefaultInstance())));

    assertThat(decode(Protocol.OTLP, "/v1/metrics", request.build().toByteArray()).metrics())
        .containsExactly(new Telemetry.Metric("http.server.request.duration", 2));
  }

  @Test
  void joinsTheHalvesOfDatadogsTraceIds() throws JsonProcessingException {
    var body =
        List.of(
            List.of(
                Map.of(
                    "resource",
                    "GET /",
                    "trace_id",
                    new BigInteger(TRACE.substring(16), 16),
                    "meta",
                    Map.of(
                        "_dd.p.tid", TRACE.substring(0, 16),
                        "span.kind", "server",
                        "http.url", "http://127.0.0.1:5000/",
                        "http.status_code", "200"))));

    assertThat(
            decode(
                    Protocol.DATADOG,
                    "/v0.4/traces",
                    new ObjectMapper(new MessagePackFactory()).writeValueAsBytes(body))
                .spans())
        .containsExactly(new Telemetry.Span(true, "GET /", TRACE, "/", "", 200, false));
  }

  @Test
  void readsElastic() {
    String items =
        """
        {"metadata": {}}
        {"transaction": {"name": "RoutingHandler#handleRequest", "trace_id": "t"}}
        {"metricset": {"samples": {"jvm.gc.count": {"value": 1}}}}
        """;
    Telemetry telemetry = decode(Protocol.ELASTIC, "/intake/v2/events", items.getBytes(UTF_8));
    assertThat(telemetry.serverSpans())
        .containsExactly(
            new Telemetry.Span(true, "RoutingHandler#handleRequest", "t", "", "", 0, false));
    assertThat(telemetry.metrics())
        .extracting(Telemetry.Metric::name)
        .containsExactly("jvm.gc.count");
  }

  @Test
  void readsNewRelic() {
    String path = "/agent_listener/invoke_raw_method?protocol_version=17&method=";
    Telemetry telemetry =
        decode(
            Protocol.NEW_RELIC,
            path + "analytic_event_data&run_id=1",
            """
            ["1", {"events_seen": 1}, [[{"type": "Transaction", "name": "n", "traceId": "t"}, {}, {}]]]
            """
                .getBytes(UTF_8));
    assertThat(telemetry.spans())
        .containsExactly(new Telemetry.Span(true, "n", "t", "", "", 0, false));
  }

  @Test
  void namesWhatCannotBeRead() {
    assertThatThrownBy(() -> decode(Protocol.OTLP, "/v1/traces", new byte[] {1, 2, 3}))
        .isInstanceOf(LabException.class)
        .hasMessageContaining("/v1/traces");
  }

  private static Telemetry decode(Protocol protocol, String target, byte[] body) {
    return Decoder.all(protocol, List.of(new CapturedRequest(target, body)));
  }

  private static Span.Builder span(String name, Map<String, String> attributes) {
    var span =
        Span.newBuilder()
            .setName(name)
            .setKind(Span.SpanKind.SPAN_KIND_SERVER)
            .setTraceId(ByteString.copyFrom(HexFormat.of().parseHex(TRACE)));
    attributes.forEach((key, value) -> span.addAttributes(text(key, value)));
    return span;
  }

  private static KeyValue text(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static KeyValue number(String key, long value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setIntValue(value))
        .build();
  }

  @Test
  void readsStatsdMetricsOfAnyProtocol() {
    var telemetry =
        Decoder.all(
            Protocol.DATADOG,
            List.of(
                new CapturedRequest(
                    CapturedRequest.STATSD,
                    """
                    jvm.heap_memory:123|g|#env:test
                    jvm.heap_memory:124|g|#env:test
                    _sc|jmx.can_connect|0
                    jvm.thread_count:20|g
                    """
                        .getBytes(UTF_8))));

    assertThat(telemetry.metrics())
        .extracting(Telemetry.Metric::name)
        .containsExactly("jvm.heap_memory", "jvm.thread_count");
  }
}
