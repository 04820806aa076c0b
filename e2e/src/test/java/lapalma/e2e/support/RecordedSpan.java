package lapalma.e2e.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lapalma.stack.Jaeger;

/** A span in Jaeger's query API. */
public record RecordedSpan(
    String name,
    String spanId,
    String parentId,
    Instant start,
    Duration duration,
    Map<String, Object> tags,
    List<Map<String, Object>> events,
    Map<String, Object> resource) {
  private static final Duration ARRIVES = Duration.ofSeconds(60);

  /**
   * Returns all spans of a trace, in the order in which they began; none if Jaeger has no such
   * trace.
   */
  public static List<RecordedSpan> ofTrace(Jaeger jaeger, String traceId) throws IOException {
    List<RecordedSpan> spans = new ArrayList<>();
    for (JsonNode trace : jaeger.api().trace(traceId)) {
      List<JsonNode> nodes = new ArrayList<>();
      trace.path("spans").forEach(nodes::add);
      nodes.sort(
          (a, b) -> Long.compare(a.path("startTime").asLong(), b.path("startTime").asLong()));
      nodes.forEach(node -> spans.add(of(node, trace.path("processes"))));
    }
    return spans;
  }

  /** Waits until a trace has so many spans, and returns them in the same order. */
  public static List<RecordedSpan> awaitOfTrace(Jaeger jaeger, TraceContext context, int count)
      throws IOException {
    await("spans of trace " + context.traceId())
        .atMost(ARRIVES)
        .untilAsserted(() -> assertThat(ofTrace(jaeger, context.traceId())).hasSize(count));
    return ofTrace(jaeger, context.traceId());
  }

  private static RecordedSpan of(JsonNode node, JsonNode processes) {
    List<Map<String, Object>> events = new ArrayList<>();
    node.path("logs").forEach(log -> events.add(values(log.path("fields"))));
    JsonNode process = processes.path(node.path("processID").asText());
    Map<String, Object> resource = values(process.path("tags"));
    resource.put("service.name", process.path("serviceName").asText());
    return new RecordedSpan(
        node.path("operationName").asText(),
        node.path("spanID").asText(),
        node.at("/references/0/spanID").asText(),
        Instant.EPOCH.plus(node.path("startTime").asLong(), ChronoUnit.MICROS),
        Duration.of(node.path("duration").asLong(), ChronoUnit.MICROS),
        values(node.path("tags")),
        events,
        resource);
  }

  private static Map<String, Object> values(JsonNode keyValues) {
    Map<String, Object> values = new TreeMap<>();
    keyValues.forEach(
        pair -> {
          JsonNode value = pair.path("value");
          values.put(
              pair.path("key").asText(),
              value.isIntegralNumber()
                  ? (Object) value.asLong()
                  : value.isBoolean() ? (Object) value.asBoolean() : value.asText());
        });
    return values;
  }
}
