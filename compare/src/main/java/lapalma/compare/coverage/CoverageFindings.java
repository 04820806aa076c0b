package lapalma.compare.coverage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lapalma.compare.backend.Telemetry;
import lapalma.compare.backend.Telemetry.LogRecord;
import lapalma.compare.backend.Telemetry.Metric;
import lapalma.compare.backend.Telemetry.Span;
import lapalma.compare.plan.App;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Coverage.Finding;
import lapalma.compare.result.Coverage.Grade;
import lapalma.compare.result.Json;

/**
 * Grades the telemetry that arrived.
 *
 * @param app that was sent the requests
 * @param scripted telemetry of the scripted requests
 * @param all telemetry until the app's exit
 * @param appLog the app's output
 * @param appMetrics the app's own metrics, as OpenMetrics
 * @param ownMetrics the metrics that the variant serves on its own port, or an empty string
 * @param lost the number of requests without a span during and after an outage; empty without one
 */
record CoverageFindings(
    App app,
    Telemetry scripted,
    Telemetry all,
    String appLog,
    String appMetrics,
    String ownMetrics,
    OptionalInt lost) {
  private static final List<String> TRACE_ID_FIELDS =
      List.of("trace_id", "traceId", "dd.trace_id", "trace.id", "otelTraceID");
  private static final Pattern HTTP_METRIC =
      Pattern.compile("(http[._]server|HttpDispatcher|http\\.requests?).*");
  private static final Pattern JVM_METRIC =
      Pattern.compile(
          "(process[._]runtime[._])?(jvm|java_lang|runtime\\.jvm)[._].*|(Memory|GC|CPU|JmxBuiltIn)/.*|.*(Heap Memory|GC Total).*");
  private static final Pattern OPEN_METRICS_EXEMPLAR = Pattern.compile(" # \\{[^}]*trace_id=");
  private static final int NAMES_SHOWN = 4;
  private static final Predicate<App.Request> REQUEST = request -> !request.probe();

  Map<Aspect, Finding> findings() {
    Map<Aspect, Finding> findings = new EnumMap<>(Aspect.class);
    var requests = new RequestSpans(app, scripted.serverSpans());
    findings.put(Aspect.SERVER_SPANS, serverSpans(requests));
    findings.put(Aspect.NAMES, names(requests.requests()));
    findings.put(Aspect.ROUTE, routes(requests));
    findings.put(Aspect.STATUS, statuses(requests));
    findings.put(Aspect.EXCEPTION, exceptions(requests));
    findings.put(Aspect.METHOD, methods());
    findings.put(Aspect.LOG_LINES, logLines());
    findings.put(Aspect.LOGS, logRecords());
    findings.put(Aspect.TRACEPARENT, continues(Script.W3C_TRACE));
    findings.put(Aspect.B3, continues(Script.B3_TRACE));
    findings.put(Aspect.HTTP_METRICS, metrics(HTTP_METRIC));
    findings.put(Aspect.JVM_METRICS, metrics(JVM_METRIC));
    findings.put(Aspect.ALL_METRICS, metrics(Pattern.compile(".*")));
    findings.put(Aspect.EXEMPLARS, exemplars());
    findings.put(Aspect.HEALTH, health(requests));
    findings.put(
        Aspect.PROFILES, Finding.some(all.profiles(), "%d received".formatted(all.profiles())));
    findings.put(Aspect.OUTAGE, outage());
    return findings;
  }

  private static long count(List<Span> spans, Predicate<Span> which) {
    return spans.stream().filter(which).count();
  }

  private Finding serverSpans(RequestSpans requests) {
    // Without paths, the spans of probes cannot be told from those of requests.
    Predicate<App.Request> asked = requests.havePaths() ? REQUEST : request -> true;
    return requests.areNone()
        ? Finding.none()
        : Finding.of(requests.of(asked, (request, span) -> true), RequestSpans.sent(app, asked));
  }

  private static Finding names(List<Span> requests) {
    List<String> names = requests.stream().map(Span::name).distinct().sorted().toList();
    return Finding.named(
        names,
        names.stream().limit(NAMES_SHOWN).collect(Collectors.joining(", "))
            + (names.size() > NAMES_SHOWN ? ", …" : ""));
  }

  /** Counts the spans with the route that the app's file names. */
  private Finding routes(RequestSpans requests) {
    Predicate<App.Request> routed = REQUEST.and(request -> !request.route().isEmpty());
    return graded(
        requests, routed, (request, span) -> span.route().equals(request.route()), "route");
  }

  private Finding statuses(RequestSpans requests) {
    return graded(requests, REQUEST, (request, span) -> span.status() != 0, "request");
  }

  private Finding graded(
      RequestSpans requests,
      Predicate<App.Request> which,
      BiPredicate<App.Request, Span> good,
      String what) {
    int sent = RequestSpans.sent(app, which);
    if (sent == 0) {
      return Finding.notMeasured("the app's file names no " + what);
    }
    return requests.areNone() ? Finding.none() : Finding.of(requests.of(which, good), sent);
  }

  private Finding exceptions(RequestSpans requests) {
    int sent = RequestSpans.sent(app, App.Request::exception);
    if (sent == 0) {
      return Finding.notMeasured("the app's file names no request that throws");
    }
    return requests.areNone()
        ? Finding.none()
        : Finding.of(
            Math.min(
                sent,
                scripted.spans().stream()
                    .filter(Span::exception)
                    .map(Span::traceId)
                    .filter(id -> !id.isEmpty())
                    .distinct()
                    .count()),
            sent);
  }

  /** Counts the spans of the app's own methods that the requests call. */
  private Finding methods() {
    int sent = RequestSpans.sent(app, request -> !request.method().isEmpty());
    if (sent == 0) {
      return Finding.notMeasured("the app's file names no method");
    }
    // The requests that wait until the app is ready may call the method too.
    return Finding.of(
        Math.min(
            sent,
            count(
                scripted.spans(),
                span ->
                    !span.server()
                        && app.requests().stream()
                            .map(App.Request::method)
                            .anyMatch(
                                method -> !method.isEmpty() && span.name().contains(method)))),
        sent);
  }

  private Finding continues(String traceId) {
    return count(scripted.serverSpans(), span -> span.traceId().equals(traceId)) > 0
        ? new Finding(Grade.GOOD, "yes")
        : new Finding(Grade.NONE, "no");
  }

  private Finding logLines() {
    List<String> messages =
        app.requests().stream().map(App.Request::log).filter(log -> !log.isEmpty()).toList();
    if (messages.isEmpty()) {
      return Finding.notMeasured("the app's file names no log line");
    }
    List<JsonNode> lines =
        appLog
            .lines()
            .flatMap(line -> json(line).stream())
            .filter(line -> messages.contains(line.path("message").asText("")))
            .toList();
    long traced =
        lines.stream()
            .filter(
                line ->
                    TRACE_ID_FIELDS.stream()
                        .map(field -> line.path(field).asText(""))
                        .anyMatch(id -> !id.isEmpty() && !id.matches("0+")))
            .count();
    return traced == 0 ? Finding.none() : Finding.of(traced, lines.size());
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
    return Finding.some(records, "%d of %d".formatted(traced, records));
  }

  private static boolean hasTrace(LogRecord log) {
    return !log.traceId().isEmpty() && !log.traceId().matches("0+");
  }

  private Finding metrics(Pattern pattern) {
    long names = metricNames().stream().filter(pattern.asMatchPredicate()).count();
    return Finding.some(names, String.valueOf(names));
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
    return Finding.some(app + own, "%d in the app's metrics, %d in its own".formatted(app, own));
  }

  private Finding health(RequestSpans requests) {
    int sent = RequestSpans.sent(app, App.Request::probe);
    if (sent == 0) {
      return Finding.notMeasured("the app's file names no probe");
    }
    if (scripted.serverSpans().isEmpty()) {
      return Finding.notMeasured("no spans at all");
    }
    if (count(scripted.serverSpans(), span -> span.path().isEmpty()) > 0) {
      return Finding.notMeasured("its spans name no path");
    }
    int spans = requests.probes().size();
    long made = Math.min(spans, sent);
    return new Finding(spans == 0 ? Grade.GOOD : Grade.NONE, "%d of %d".formatted(made, sent));
  }

  private Finding outage() {
    if (lost.isEmpty()) {
      return Finding.notMeasured(
          scripted.serverSpans().isEmpty() ? "no spans at all" : "a brief run");
    }
    if (scripted.serverSpans().size() < RequestSpans.sent(app, REQUEST)) {
      return Finding.notMeasured("not every request makes a span");
    }
    int requests = CoverageRunner.OUTAGE_REQUESTS;
    return new Finding(
        lost.getAsInt() == 0 ? Grade.GOOD : lost.getAsInt() >= requests ? Grade.NONE : Grade.PARTLY,
        "%d of %d".formatted(lost.getAsInt(), 2 * requests));
  }
}
