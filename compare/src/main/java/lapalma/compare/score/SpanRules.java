package lapalma.compare.score;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import lapalma.compare.backend.Otlp.From;
import lapalma.compare.result.Score.Verdict;

/** The rules about spans. */
record SpanRules(Arrived arrived) {
  private static final int MOST_INTERNAL = 10;
  private static final int MOST_SHORT = 20;
  private static final long SHORT_NANOS = 5_000_000;

  private static final List<Rule> ALL =
      List.of(Rule.SPA_001, Rule.SPA_002, Rule.SPA_003, Rule.SPA_004, Rule.SPA_005);

  List<Verdict> verdicts() {
    return arrived.spans().isEmpty()
        ? ALL.stream().map(rule -> Tally.notJudged(rule, "no span arrived over OTLP")).toList()
        : List.of(internal(), orphans(), names(), clientRoots(), shortSpans());
  }

  private Verdict internal() {
    Map<List<String>, Integer> counts = new HashMap<>();
    for (From<Span> from : arrived.spans()) {
      String service = Arrived.text(from.resource().getAttributesList(), "service.name").orElse("");
      counts.merge(
          List.of(hex(from.item().getTraceId()), service),
          from.item().getKind() == SpanKind.SPAN_KIND_INTERNAL ? 1 : 0,
          Integer::sum);
    }
    var tally = new Tally(Rule.SPA_001);
    counts.forEach(
        (trace, count) ->
            tally.check(
                count <= MOST_INTERNAL,
                "%d INTERNAL spans of %s in trace %s"
                    .formatted(count, trace.get(1), trace.get(0))));
    return tally.verdict("traces of a service", most(counts, "INTERNAL spans"));
  }

  private static String most(Map<?, Integer> counts, String what) {
    return "at most %d %s"
        .formatted(counts.values().stream().mapToInt(Integer::intValue).max().orElse(0), what);
  }

  private Verdict orphans() {
    Set<List<ByteString>> known = new HashSet<>();
    arrived
        .spans()
        .forEach(from -> known.add(List.of(from.item().getTraceId(), from.item().getSpanId())));
    var tally = new Tally(Rule.SPA_002);
    spans()
        .filter(span -> !span.getParentSpanId().isEmpty())
        // The lab made these requests, with a span of its own as the parent.
        .filter(span -> !arrived.callers().contains(hex(span.getParentSpanId())))
        .forEach(
            span ->
                tally.check(
                    known.contains(List.of(span.getTraceId(), span.getParentSpanId())),
                    "span %s of trace %s has the parent %s, which did not arrive"
                        .formatted(
                            span.getName(), hex(span.getTraceId()), hex(span.getParentSpanId()))));
    return tally.verdict("spans with a parent");
  }

  private Verdict names() {
    long names = spans().map(Span::getName).distinct().count();
    return Tally.notJudged(
        Rule.SPA_003,
        "the specification's criteria are still a TODO; %d names of %d spans"
            .formatted(names, arrived.spans().size()));
  }

  private Verdict clientRoots() {
    var tally = new Tally(Rule.SPA_004);
    spans()
        .filter(span -> span.getParentSpanId().isEmpty())
        .forEach(
            span ->
                tally.check(
                    span.getKind() != SpanKind.SPAN_KIND_CLIENT,
                    "span %s begins trace %s".formatted(span.getName(), hex(span.getTraceId()))));
    return tally.verdict("root spans");
  }

  private Verdict shortSpans() {
    Map<String, Integer> counts = new HashMap<>();
    spans()
        .forEach(
            span ->
                counts.merge(
                    hex(span.getTraceId()),
                    span.getEndTimeUnixNano() - span.getStartTimeUnixNano() < SHORT_NANOS ? 1 : 0,
                    Integer::sum));
    var tally = new Tally(Rule.SPA_005);
    counts.forEach(
        (trace, count) ->
            tally.check(count <= MOST_SHORT, "%d short spans in trace %s".formatted(count, trace)));
    return tally.verdict("traces", most(counts, "spans of less than 5 ms"));
  }

  private Stream<Span> spans() {
    return arrived.spans().stream().map(From::item);
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
