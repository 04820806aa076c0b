package lapalma.e2e.scale;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Makes traces in OTLP like those of one dice server under the agent. Each roll has the span of the
 * request and that of the method, with as many attributes as {@code TracesIT} finds.
 */
final class RollSpans {
  static final int SPANS_EACH = 2;

  private static final InstrumentationScope UNDERTOW = scope("io.opentelemetry.undertow-1.4");
  private static final InstrumentationScope METHODS = scope("io.opentelemetry.methods");

  private final Resource resource;
  private final SplittableRandom random;

  RollSpans(String service, SplittableRandom random) {
    this.random = random;
    this.resource =
        Resource.newBuilder()
            .addAllAttributes(
                List.of(
                    text("service.name", service),
                    text("service.version", "1.2.3"),
                    text("service.instance.id", "0b3b0b5e-4f0e-4c1e-9d5e-2f6a8f1c7a10"),
                    text("deployment.environment.name", "production"),
                    text("host.name", "ip-10-0-1-17"),
                    text("host.arch", "amd64"),
                    text("process.executable.path", "/usr/lib/jvm/java-25/bin/java"),
                    number("process.pid", 1),
                    text("process.runtime.name", "OpenJDK Runtime Environment"),
                    text("process.runtime.version", "25.0.3+9"),
                    text("telemetry.sdk.language", "java"),
                    text("telemetry.sdk.name", "opentelemetry"),
                    text("telemetry.sdk.version", "1.66.0"),
                    text("telemetry.distro.name", "opentelemetry-java-instrumentation"),
                    text("telemetry.distro.version", "2.33.1")))
            .build();
  }

  /**
   * Makes one request of the exporter.
   *
   * @param traceIds receives the id of each trace, in hexadecimal
   */
  byte[] request(int traces, List<String> traceIds) {
    var requests = ScopeSpans.newBuilder().setScope(UNDERTOW);
    var methods = ScopeSpans.newBuilder().setScope(METHODS);
    for (int i = 0; i < traces; i++) {
      long high = random.nextLong();
      long low = random.nextLong();
      traceIds.add("%016x%016x".formatted(high, low));
      ByteString traceId = bytes(high, low);
      ByteString spanId = bytes(random.nextLong());
      long end = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
      long start = end - 200_000;
      requests.addSpans(
          Span.newBuilder()
              .setTraceId(traceId)
              .setSpanId(spanId)
              .setName("GET /")
              .setKind(Span.SpanKind.SPAN_KIND_SERVER)
              .setStartTimeUnixNano(start)
              .setEndTimeUnixNano(end)
              .addAllAttributes(
                  List.of(
                      text("http.request.method", "GET"),
                      text("http.route", "/"),
                      number("http.response.status_code", 200),
                      text("url.path", "/"),
                      text("url.scheme", "http"),
                      text("server.address", "dice.example.com"),
                      number("server.port", 80),
                      text("client.address", "203.0.113." + random.nextInt(256)),
                      text("network.peer.address", "10.0.0.11"),
                      number("network.peer.port", 1024 + random.nextInt(60_000)),
                      text("network.protocol.version", "1.1"),
                      text("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64)"))));
      methods.addSpans(
          Span.newBuilder()
              .setTraceId(traceId)
              .setSpanId(bytes(random.nextLong()))
              .setParentSpanId(spanId)
              .setName("Dice.roll")
              .setKind(Span.SpanKind.SPAN_KIND_INTERNAL)
              .setStartTimeUnixNano(start + 50_000)
              .setEndTimeUnixNano(start + 52_000)
              .addAttributes(text("code.function.name", "lapalma.dice.Dice.roll")));
    }
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .setResource(resource)
                .addScopeSpans(requests)
                .addScopeSpans(methods))
        .build()
        .toByteArray();
  }

  private static ByteString bytes(long... words) {
    var buffer = ByteBuffer.allocate(words.length * Long.BYTES);
    for (long word : words) {
      buffer.putLong(word);
    }
    return ByteString.copyFrom(buffer.flip());
  }

  private static InstrumentationScope scope(String name) {
    return InstrumentationScope.newBuilder().setName(name).setVersion("2.33.1-alpha").build();
  }

  private static KeyValue text(String key, String value) {
    return attribute(key, AnyValue.newBuilder().setStringValue(value));
  }

  private static KeyValue number(String key, long value) {
    return attribute(key, AnyValue.newBuilder().setIntValue(value));
  }

  private static KeyValue attribute(String key, AnyValue.Builder value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }
}
