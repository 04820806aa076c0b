package lapalma.stack.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A trace that a search of Jaeger returned.
 *
 * @param id 32 hexadecimal digits
 * @param spans in the order of the answer
 */
public record FoundTrace(String id, List<FoundSpan> spans) {

  /**
   * A span of the trace.
   *
   * @param parentId empty for a root span
   */
  record FoundSpan(String name, String parentId) {}

  /**
   * Reads the answer of {@code /api/v3/traces}. It is OTLP, in which the spans of one trace may lie
   * apart.
   */
  static List<FoundTrace> from(JsonNode answer) {
    Map<String, List<FoundSpan>> spansById = new LinkedHashMap<>();
    for (JsonNode resourceSpans : answer.at("/result/resourceSpans")) {
      for (JsonNode scopeSpans : resourceSpans.path("scopeSpans")) {
        for (JsonNode span : scopeSpans.path("spans")) {
          spansById
              .computeIfAbsent(span.path("traceId").asText(), id -> new ArrayList<>())
              .add(new FoundSpan(span.path("name").asText(), span.path("parentSpanId").asText()));
        }
      }
    }
    return spansById.entrySet().stream()
        .map(entry -> new FoundTrace(entry.getKey(), entry.getValue()))
        .toList();
  }

  /** Returns the name of the span that began the trace. */
  public String rootName() {
    return spans.stream()
        .filter(span -> span.parentId().isEmpty())
        .map(FoundSpan::name)
        .findFirst()
        .orElse("no root span yet");
  }
}
