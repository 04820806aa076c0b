package lapalma.compare.coverage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lapalma.compare.backend.Telemetry;
import lapalma.compare.backend.Telemetry.LogRecord;
import lapalma.compare.backend.Telemetry.Metric;
import lapalma.compare.backend.Telemetry.Span;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Coverage.Finding;
import lapalma.compare.result.Coverage.Grade;
import lapalma.compare.result.Json;

/**
 * Grades the telemetry that arrived.
 *
 * @param scripted telemetry of the scripted requests
 * @param all telemetry until the app's exit
 * @param appLog the app's output
 * @param appMetrics the app's own metrics, as OpenMetrics
 * @param ownMetrics the metrics that the variant serves on its own port, or an empty string
 * @param lost the number of requests without a span during and after an outage; empty without one
 */
record CoverageFindings(
    Telemetry scripted,
    Telemetry all,
    String appLog,
    String appMetrics,
    String ownMetrics,
    OptionalInt lost) {
  private static final String METHOD = "roll";
  private static final List<String> TRACE_ID_FIELDS =
      List.of("trace_id", "traceId", "dd.trace_id", "trace.id", "otelTraceID");
  private static final Pattern HTTP_METRIC =
      Pattern.compile("(http[._]server|HttpDispatcher|http\\.requests?).*");
  private static final Pattern JVM_METRIC =
      Pattern.compile(
          "(process[._]runtime[._])?(jvm|java_lang|runtime\\.jvm)[._].*|(Memory|GC|CPU|JmxBuiltIn)/.*|.*(Heap Memory|GC Total).*");
  private static final Pattern OPEN_METRICS_EXEMPLAR = Pattern.compile(" # \\{[^}]*trace_id=");
  private static final int NAMES_SHOWN = 4;

  Map<Aspect, Finding> findings() {
    Map<Aspect, Finding> findings = new EnumMap<>(Aspect.class);
    List<Span> requests = scripted.serverSpans().stream().filter(span -> !isHealth(span)).toList();
    findings.put(Aspect.SERVER_SPANS, serverSpans(requests));
    findings.put(Aspect.NAMES, names(requests));
    findings.put(Aspect.ROUTE, requests.isEmpty() ? Finding.none() : routes(requests));
    findings.put(Aspect.STATUS, requests.isEmpty() ? Finding.none() : statuses(requests));
    findings.put(Aspect.EXCEPTION, requests.isEmpty() ? Finding.none() : exceptions());
    findings.put(
        Aspect.METHOD,
        Finding.of(
            count(scripted.spans(), span -> !span.server() && span.name().contains(METHOD)),
            Script.ALL_ROLLS));
    findings.put(Aspect.LOG_LINES, logLines());
    findings.put(Aspect.LOGS, logRecords());
    findings.put(Aspect.TRACEPARENT, continues(Script.W3C_TRACE));
    findings.put(Aspect.B3, continues(Script.B3_TRACE));
    findings.put(Aspect.HTTP_METRICS, metrics(HTTP_METRIC));
    findings.put(Aspect.JVM_METRICS, metrics(JVM_METRIC));
    findings.put(Aspect.ALL_METRICS, metrics(Pattern.compile(".*")));
    findings.put(Aspect.EXEMPLARS, exemplars());
    findings.put(Aspect.HEALTH, health());
    findings.put(
        Aspect.PROFILES,
        Finding.some(all.profiles(), all.profiles(), "%d received".formatted(all.profiles())));
    findings.put(Aspect.OUTAGE, outage());
    return findings;
  }

  private static boolean isHealth(Span span) {
    return span.path().equals("/health");
  }

  private static long count(List<Span> spans, Predicate<Span> which) {
    return spans.stream().filter(which).count();
  }

  private static Finding serverSpans(List<Span> requests) {
    boolean withPaths = requests.stream().anyMatch(span -> !span.path().isEmpty());
    // Without paths, the spans of health checks cannot be told from those of requests.
    long expected = Script.REQUESTS + (withPaths ? 0 : Script.HEALTH_CHECKS);
    return requests.isEmpty()
        ? Finding.none()
        : Finding.of(Math.min(requests.size(), expected), expected);
  }

  private static Finding names(List<Span> requests) {
    List<String> names = requests.stream().map(Span::name).distinct().sorted().toList();
    return Finding.named(
        names,
        names.stream().limit(NAMES_SHOWN).collect(Collectors.joining(", "))
            + (names.size() > NAMES_SHOWN ? ", …" : ""));
  }

  /** Counts routes. Requests to a missing path cannot have one. */
  private static Finding routes(List<Span> requests) {
    return Finding.of(
        count(requests, span -> !span.route().isEmpty()), Script.ALL_ROLLS + Script.FAILS);
  }

  private static Finding statuses(List<Span> requests) {
    return Finding.of(count(requests, span -> span.status() != 0), Script.REQUESTS);
  }

  private Finding exceptions() {
    return Finding.of(
        scripted.spans().stream()
            .filter(Span::exception)
            .map(Span::traceId)
            .filter(id -> !id.isEmpty())
            .distinct()
            .count(),
        Script.FAILS);
  }

  private Finding continues(String traceId) {
    return count(scripted.serverSpans(), span -> span.traceId().equals(traceId)) > 0
        ? new Finding(Grade.GOOD, "yes", OptionalLong.of(1))
        : new Finding(Grade.NONE, "no", OptionalLong.of(0));
  }

  private Finding logLines() {
    List<JsonNode> rolls =
        appLog
            .lines()
            .flatMap(line -> json(line).stream())
            .filter(line -> line.path("message").asText("").equals("Dice rolled"))
            .toList();
    long traced =
        rolls.stream()
            .filter(
                line ->
                    TRACE_ID_FIELDS.stream()
                        .map(field -> line.path(field).asText(""))
                        .anyMatch(id -> !id.isEmpty() && !id.matches("0+")))
            .count();
    return traced == 0 ? Finding.none() : Finding.of(traced, rolls.size());
  }

  private static Optional<JsonNode> json(String line) {
    try {
      return line.startsWith("{") ? Optional.of(Json.MAPPER.readTree(line)) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty(); // the app printed something else
    }
  }

  private Finding logRecords() {
    long traced = scripted.logs().stream().filter(CoverageFindings::hasTrace).count();
    int records = scripted.logs().size();
    return Finding.some(records, traced, "%d of %d".formatted(traced, records));
  }

  private static boolean hasTrace(LogRecord log) {
    return !log.traceId().isEmpty() && !log.traceId().matches("0+");
  }

  private Finding metrics(Pattern pattern) {
    long names = metricNames().stream().filter(pattern.asMatchPredicate()).count();
    return Finding.some(names, names, String.valueOf(names));
  }

  Set<String> metricNames() {
    return Stream.concat(
            all.metrics().stream().map(Metric::name),
            ownMetrics
                .lines()
                .filter(line -> line.startsWith("# TYPE "))
                .map(line -> line.split(" ")[2]))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Finding exemplars() {
    long app = OPEN_METRICS_EXEMPLAR.matcher(appMetrics).results().count();
    long own =
        OPEN_METRICS_EXEMPLAR.matcher(ownMetrics).results().count()
            + all.metrics().stream().mapToInt(Metric::exemplars).sum();
    return Finding.some(
        app + own, app, "%d in the app's metrics, %d in its own".formatted(app, own));
  }

  private Finding health() {
    long spans = count(scripted.serverSpans(), CoverageFindings::isHealth);
    long unnamed = count(scripted.serverSpans(), span -> span.path().isEmpty());
    if (scripted.serverSpans().isEmpty()) {
      return Finding.notMeasured("no spans at all");
    }
    if (unnamed > 0) {
      return Finding.notMeasured("its spans name no path");
    }
    long made = Math.min(spans, Script.HEALTH_CHECKS);
    return new Finding(
        spans == 0 ? Grade.GOOD : Grade.NONE,
        "%d of %d".formatted(made, Script.HEALTH_CHECKS),
        OptionalLong.of(made));
  }

  private Finding outage() {
    if (lost.isEmpty()) {
      return Finding.notMeasured(
          scripted.serverSpans().isEmpty() ? "no spans at all" : "a brief run");
    }
    if (scripted.serverSpans().size() < Script.REQUESTS) {
      return Finding.notMeasured("not every request makes a span");
    }
    int requests = CoverageRunner.OUTAGE_REQUESTS;
    return new Finding(
        lost.getAsInt() == 0 ? Grade.GOOD : lost.getAsInt() >= requests ? Grade.NONE : Grade.PARTLY,
        "%d of %d".formatted(lost.getAsInt(), 2 * requests),
        OptionalLong.of(lost.getAsInt()));
  }
}
