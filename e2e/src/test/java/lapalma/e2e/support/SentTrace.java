package lapalma.e2e.support;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A trace that a test makes: a request and its calls.
 *
 * @param spanIds in hexadecimal; the first span is the parent of all others
 * @param failed whether the last span has an error
 */
public record SentTrace(String traceId, List<String> spanIds, boolean failed) {

  /** A stored span, with ids in hexadecimal. */
  public record Row(String traceId, String spanId) {}

  public static SentTrace of(int spans, boolean failed) {
    var first = TraceContext.random();
    List<String> spanIds = new ArrayList<>(List.of(first.spanId()));
    while (spanIds.size() < spans) {
      spanIds.add(TraceContext.random().spanId());
    }
    return new SentTrace(first.traceId(), List.copyOf(spanIds), failed);
  }

  /** Returns the spans as rows of Cassandra. */
  public Stream<Row> rows() {
    return spanIds.stream().map(spanId -> new Row(traceId, spanId));
  }

  /**
   * Returns some of the spans in OTLP's JSON.
   *
   * @param from the index of the first span
   * @param to the index after the last span
   */
  Stream<String> spans(int from, int to) {
    long end = Instant.now().toEpochMilli();
    return Stream.iterate(from, index -> index < to, index -> index + 1)
        .map(
            index ->
                """
                {"traceId": "%s", "spanId": "%s", "parentSpanId": "%s", "name": "%s", "kind": %d,
                 "startTimeUnixNano": "%d000000", "endTimeUnixNano": "%d000000",
                 "attributes": [
                   {"key": "http.route", "value": {"stringValue": "/"}},
                   {"key": "http.request.method", "value": {"stringValue": "GET"}},
                   {"key": "http.response.status_code", "value": {"intValue": "200"}}],
                 "status": {"code": %d}}
                """
                    .formatted(
                        traceId,
                        spanIds.get(index),
                        index == 0 ? "" : spanIds.get(0),
                        index == 0 ? "GET /" : "step",
                        index == 0 ? 2 : 1,
                        end - 2,
                        end,
                        failed && index == spanIds.size() - 1 ? 2 : 0));
  }
}
