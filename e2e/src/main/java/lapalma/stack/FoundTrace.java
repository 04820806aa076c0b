package lapalma.stack;

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
record FoundTrace(String id, List<FoundSpan> spans) {

  /**
   * @param parentId empty for a root span
   * @param failed whether the span's status is an error
   * @param attributes of the span and of its resource, as text
   */
  record FoundSpan(String name, String parentId, boolean failed, Map<String, String> attributes) {

    /** Whether the span has all of these tags; Jaeger's pages say {@code error} for the status. */
    boolean has(Map<String, String> tags) {
      return tags.entrySet().stream()
          .allMatch(
              tag ->
                  tag.getKey().equals("error")
                      ? failed == Boolean.parseBoolean(tag.getValue())
                      : tag.getValue().equals(attributes.get(tag.getKey())));
    }
  }

  private static final int ERROR = 2;

  /**
   * Reads the answer of {@code /api/v3/traces}: OTLP, in which the spans of one trace may lie
   * apart.
   */
  static List<FoundTrace> from(JsonNode answer) {
    Map<String, List<FoundSpan>> spansById = new LinkedHashMap<>();
    for (JsonNode resourceSpans : answer.at("/result/resourceSpans")) {
      JsonNode ofResource = resourceSpans.at("/resource/attributes");
      for (JsonNode scopeSpans : resourceSpans.path("scopeSpans")) {
        for (JsonNode span : scopeSpans.path("spans")) {
          spansById
              .computeIfAbsent(span.path("traceId").asText(), id -> new ArrayList<>())
              .add(span(span, ofResource));
        }
      }
    }
    return spansById.entrySet().stream()
        .map(entry -> new FoundTrace(entry.getKey(), entry.getValue()))
        .toList();
  }

  private static FoundSpan span(JsonNode span, JsonNode ofResource) {
    Map<String, String> attributes = new LinkedHashMap<>();
    putAll(attributes, ofResource);
    putAll(attributes, span.path("attributes"));
    return new FoundSpan(
        span.path("name").asText(),
        span.path("parentSpanId").asText(),
        span.at("/status/code").asInt() == ERROR,
        attributes);
  }

  /** A value is an object with one field that is named after its type. */
  private static void putAll(Map<String, String> attributes, JsonNode keyValues) {
    for (JsonNode pair : keyValues) {
      pair.path("value")
          .elements()
          .forEachRemaining(value -> attributes.put(pair.path("key").asText(), value.asText()));
    }
  }

  /** The name of the span that began the trace. */
  String rootName() {
    return spans.stream()
        .filter(span -> span.parentId().isEmpty())
        .map(FoundSpan::name)
        .findFirst()
        .orElse("no root span yet");
  }
}
