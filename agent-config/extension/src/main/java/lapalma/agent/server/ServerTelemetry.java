package lapalma.agent.server;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.incubator.ExtendedOpenTelemetry;
import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import io.opentelemetry.api.logs.Logger;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.instrumentation.api.incubator.semconv.http.HttpExperimentalAttributesExtractor;
import io.opentelemetry.instrumentation.api.incubator.semconv.http.HttpServerExperimentalMetrics;
import io.opentelemetry.instrumentation.api.instrumenter.AttributesExtractor;
import io.opentelemetry.instrumentation.api.instrumenter.ErrorCauseExtractor;
import io.opentelemetry.instrumentation.api.instrumenter.OperationListener;
import io.opentelemetry.instrumentation.api.internal.EmbeddedInstrumentationProperties;
import io.opentelemetry.instrumentation.api.internal.HttpConstants;
import io.opentelemetry.instrumentation.api.internal.SemconvExceptionSignal;
import io.opentelemetry.instrumentation.api.semconv.http.HttpServerAttributesExtractor;
import io.opentelemetry.javaagent.bootstrap.http.HttpServerResponseCustomizer;
import io.opentelemetry.javaagent.bootstrap.http.HttpServerResponseCustomizerHolder;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HeaderMap;
import io.undertow.util.HttpString;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import lapalma.agent.context.RequestContext;
import org.jspecify.annotations.Nullable;

/** Records requests as the same spans and durations as upstream's module. */
@SuppressWarnings("deprecation") // Agent 2.30 has only these setters of captured headers.
public final class ServerTelemetry {
  /** Upstream's scope, so that searches find the same spans and the same metric. */
  static final String SCOPE = "io.opentelemetry.undertow-1.4";

  /** Upstream's schema as of agent 2.33, for the conventions that its attributes follow. */
  private static final String SCHEMA = "https://opentelemetry.io/schemas/1.41.0";

  /** Why a request has a span that was not sampled: {@code error} or {@code slow}. */
  private static final AttributeKey<String> REASON = AttributeKey.stringKey("sampling.reason");

  private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");

  /** Whether there may be customizers of responses: without them, nothing is added to a request. */
  private static final boolean CUSTOMIZES =
      ExtensionMethod.mayBeProvided(HttpServerResponseCustomizer.class);

  private static final Set<String> KNOWN_METHODS;
  private static final AttributesExtractor<HttpServerExchange, HttpServerExchange> ATTRIBUTES;

  /** Whether spans record headers of the request or of the response. */
  private static final boolean CAPTURES_HEADERS;

  /** Upstream's experimental metrics, or null where they are not enabled. */
  private static final @Nullable OperationListener EXPERIMENTAL;

  private static final AttributesExtractor<HttpServerExchange, HttpServerExchange> BODY_SIZES =
      HttpExperimentalAttributesExtractor.create(new ExchangeAttributesGetter());
  private static final AttachmentKey<Context> MEASURED = AttachmentKey.create(Context.class);

  /** Null unless exceptions become log records. */
  private static final @Nullable Logger EXCEPTIONS;

  private static final TextMapPropagator PROPAGATOR;
  private static final HttpString[] PROPAGATED;
  private static final ExchangeHeaderGetter HEADERS = new ExchangeHeaderGetter();
  private static final Tracer TRACER;
  private static final RequestDurations DURATIONS;

  static {
    OpenTelemetry telemetry = GlobalOpenTelemetry.get();
    DeclarativeConfigProperties config =
        config(telemetry, all -> all.getGeneralInstrumentationConfig().get("http").get("server"));
    DeclarativeConfigProperties common =
        config(telemetry, all -> all.getInstrumentationConfig("common").get("http"));
    List<String> requestHeaders = strings(config, "request_captured_headers");
    List<String> responseHeaders = strings(config, "response_captured_headers");
    Set<String> knownMethods = new HashSet<>(strings(common, "known_methods"));
    if (knownMethods.isEmpty()) {
      knownMethods.addAll(HttpConstants.KNOWN_METHODS);
    }
    KNOWN_METHODS = Set.copyOf(knownMethods);
    CAPTURES_HEADERS = !requestHeaders.isEmpty() || !responseHeaders.isEmpty();
    ATTRIBUTES =
        HttpServerAttributesExtractor.builder(new ExchangeAttributesGetter())
            .setCapturedRequestHeaders(requestHeaders)
            .setCapturedResponseHeaders(responseHeaders)
            .setKnownMethods(knownMethods)
            .build();
    PROPAGATOR = telemetry.getPropagators().getTextMapPropagator();
    PROPAGATED = PROPAGATOR.fields().stream().map(HttpString::new).toArray(HttpString[]::new);
    String version = EmbeddedInstrumentationProperties.findVersion(SCOPE);
    var tracer = telemetry.tracerBuilder(SCOPE).setSchemaUrl(SCHEMA);
    var meter = telemetry.meterBuilder(SCOPE).setSchemaUrl(SCHEMA);
    if (version != null) {
      tracer.setInstrumentationVersion(version);
      meter.setInstrumentationVersion(version);
    }
    TRACER = tracer.build();
    DURATIONS = new RequestDurations(meter.build());
    EXPERIMENTAL =
        common.get("server").getBoolean("emit_experimental_telemetry/development", false)
            ? HttpServerExperimentalMetrics.get().create(meter.build())
            : null;
    var logger = telemetry.getLogsBridge().loggerBuilder(SCOPE).setSchemaUrl(SCHEMA);
    if (version != null) {
      logger.setInstrumentationVersion(version);
    }
    EXCEPTIONS = SemconvExceptionSignal.emitExceptionAsLogs() ? logger.build() : null;
  }

  private ServerTelemetry() {}

  private static DeclarativeConfigProperties config(
      OpenTelemetry telemetry, Function<ExtendedOpenTelemetry, DeclarativeConfigProperties> part) {
    return telemetry instanceof ExtendedOpenTelemetry extended
        ? part.apply(extended)
        : DeclarativeConfigProperties.empty();
  }

  private static List<String> strings(DeclarativeConfigProperties config, String name) {
    return config.getScalarList(name, String.class, List.of());
  }

  /**
   * Returns the caller's context or the root context, because the current one belongs to another,
   * pipelined request.
   */
  static Context parentOf(HttpServerExchange exchange) {
    HeaderMap headers = exchange.getRequestHeaders();
    for (HttpString name : PROPAGATED) {
      if (headers.contains(name)) {
        return PROPAGATOR.extract(Context.root(), exchange, HEADERS);
      }
    }
    return Context.root();
  }

  /** Returns the request's method, or {@code _OTHER} if the conventions do not know it. */
  static String methodOf(HttpServerExchange exchange) {
    // As a string: HttpString ignores case, and "get" is no known method.
    String method = exchange.getRequestMethod().toString();
    return KNOWN_METHODS.contains(method) ? method : HttpConstants._OTHER;
  }

  /**
   * Starts the span. The sampler sees method and path. The other attributes are read only if the
   * span is recorded.
   */
  static Span startSpan(Context caller, String method, HttpServerExchange exchange)
      throws Throwable {
    String name = RequestDurations.spanName(method, "");
    String path = exchange.getRequestPath();
    boolean root = caller == Context.root();
    if (root) {
      Span dropped = RequestDecision.dropOrPresetIds(name, method, path);
      if (dropped != null) {
        return dropped;
      }
    }
    Span span;
    try {
      span = builder(name, caller, method, path).startSpan();
    } finally {
      if (root) {
        RequestDecision.clearIds();
      }
    }
    if (span.isRecording()) {
      // Headers, the query and an unknown method belong to one request.
      boolean onlyShared =
          !CAPTURES_HEADERS
              && exchange.getQueryString().isEmpty()
              && !method.equals(HttpConstants._OTHER);
      span.setAllAttributes(
          onlyShared
              ? ConnectionAttributes.of(exchange, ServerTelemetry::attributesOf)
              : attributesOf(exchange));
    }
    return span;
  }

  /** Called once for each request, before its first handler. */
  static void started(RequestContext request, HttpServerExchange exchange) {
    if (CUSTOMIZES) {
      exchange.addResponseCommitListener(
          answered ->
              HttpServerResponseCustomizerHolder.getCustomizer()
                  .customize(request, answered, ServerTelemetry::appendHeader));
    }
    if (EXPERIMENTAL != null) {
      Attributes attributes =
          attributesOf(exchange).toBuilder().put(RequestDurations.METHOD, request.method()).build();
      exchange.putAttachment(MEASURED, EXPERIMENTAL.onStart(request, attributes, 0));
    }
  }

  private static void appendHeader(HttpServerExchange exchange, String name, String value) {
    exchange.getResponseHeaders().add(new HttpString(name), value);
  }

  private static SpanBuilder builder(String name, Context parent, String method, String path) {
    return TRACER
        .spanBuilder(name)
        .setSpanKind(SpanKind.SERVER)
        .setParent(parent)
        .setAttribute(RequestDurations.METHOD, method)
        .setAttribute(PATH, path);
  }

  /** Reads all attributes except those of the response and those that {@link #startSpan} sets. */
  private static Attributes attributesOf(HttpServerExchange exchange) {
    AttributesBuilder attributes = Attributes.builder();
    ATTRIBUTES.onStart(attributes, Context.root(), exchange);
    // Upstream adds the network attributes at the end; their values are the same now.
    ATTRIBUTES.onEnd(attributes, Context.root(), exchange, exchange, null);
    attributes.remove(RequestDurations.METHOD);
    attributes.remove(RequestDurations.STATUS);
    attributes.remove(PATH);
    return attributes.build();
  }

  /**
   * Ends the span and records the duration.
   *
   * @param scheme with which the request came
   * @param handled whether the app has answered because of the error, with a status of its own
   * @param startNanos when the request began, by {@link System#nanoTime}
   * @param nanos how long it took
   */
  static void end(
      RequestContext request,
      String scheme,
      @Nullable String route,
      @Nullable Throwable error,
      boolean handled,
      long startNanos,
      long nanos,
      HttpServerExchange exchange)
      throws Throwable {
    int status = exchange.getStatusCode();
    RequestDurations.Series series =
        DURATIONS.of(
            request.method(),
            route,
            status,
            scheme,
            ExchangeAttributesGetter.protocolVersion(exchange.getProtocol()));
    boolean failed = RequestDurations.isError(status) || (error != null && !handled);
    if (EXPERIMENTAL != null) {
      EXPERIMENTAL.onEnd(
          exchange.getAttachment(MEASURED),
          bodySizes(exchange).toBuilder().putAll(series.attributes()).build(),
          0);
    }
    if (request.span().isRecording()) {
      try {
        describe(request.span(), request, series, failed, error, exchange);
        DURATIONS.record(series, nanos, request);
      } finally {
        request.span().end();
      }
      return;
    }
    String reason =
        RequestDecision.reasonToKeep(
            series.spanName(),
            exchange.getRequestPath(),
            failed,
            request.caller() != Context.root(),
            nanos);
    if (reason == null) {
      recordException(request.span(), request, error);
      DURATIONS.record(series, nanos, request);
      return;
    }
    // Not from the end: this thread may have been interrupted since.
    Instant start = Instant.now().minusNanos(System.nanoTime() - startNanos);
    Span late = startLate(request, series, reason, start, exchange);
    // The exemplar names the span.
    Context kept = request.with(late);
    try {
      describe(late, kept, series, failed, error, exchange);
      DURATIONS.record(series, nanos, kept);
    } finally {
      late.end(start.plusNanos(nanos));
    }
  }

  /**
   * Starts the span of a request that was not sampled and has ended, with the IDs that its log
   * lines have.
   */
  private static Span startLate(
      RequestContext request,
      RequestDurations.Series series,
      String reason,
      Instant start,
      HttpServerExchange exchange)
      throws Throwable {
    RequestDecision.presetIds(request.span().getSpanContext());
    try {
      return builder(
              series.spanName(), request.caller(), series.method(), exchange.getRequestPath())
          .setStartTimestamp(start)
          .setAttribute(REASON, reason)
          .setAllAttributes(attributesOf(exchange))
          .startSpan();
    } finally {
      RequestDecision.clearIds();
    }
  }

  /** Sets what is known only at the end. */
  private static void describe(
      Span span,
      Context context,
      RequestDurations.Series series,
      boolean failed,
      @Nullable Throwable error,
      HttpServerExchange exchange) {
    span.setAllAttributes(series.attributes());
    if (CAPTURES_HEADERS) {
      AttributesBuilder attributes = Attributes.builder();
      ATTRIBUTES.onEnd(attributes, context, exchange, exchange, error);
      span.setAllAttributes(attributes.build());
    }
    if (!series.route().isEmpty()) {
      span.updateName(series.spanName());
    }
    if (EXPERIMENTAL != null) {
      span.setAllAttributes(bodySizes(exchange));
    }
    recordException(span, context, error);
    if (failed) {
      span.setStatus(StatusCode.ERROR);
    }
  }

  /** As events of the span, as log records or both, as the configuration of all modules says. */
  private static void recordException(Span span, Context context, @Nullable Throwable error) {
    if (error == null) {
      return;
    }
    Throwable cause = ErrorCauseExtractor.getDefault().extract(error);
    if (SemconvExceptionSignal.emitExceptionAsSpanEvents()) {
      span.recordException(cause);
    }
    if (EXCEPTIONS != null) {
      EXCEPTIONS
          .logRecordBuilder()
          .setContext(context)
          .setEventName("http.server.request.exception")
          .setSeverity(Severity.ERROR)
          .setException(cause)
          .emit();
    }
  }

  private static Attributes bodySizes(HttpServerExchange exchange) {
    AttributesBuilder sizes = Attributes.builder();
    BODY_SIZES.onEnd(sizes, Context.root(), exchange, exchange, null);
    return sizes.build();
  }

  /** A proxy may name another scheme than that of its own connection. */
  static String schemeOf(HttpServerExchange exchange) {
    if (!ConnectionAttributes.isForwarded(exchange.getRequestHeaders())) {
      return exchange.getRequestScheme();
    }
    AttributesBuilder attributes = Attributes.builder();
    ATTRIBUTES.onStart(attributes, Context.root(), exchange);
    return attributes.build().get(RequestDurations.SCHEME);
  }
}
