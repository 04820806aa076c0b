package lapalma.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.javaagent.bootstrap.http.HttpServerResponseCustomizer;
import io.opentelemetry.javaagent.bootstrap.http.HttpServerResponseCustomizerHolder;
import io.opentelemetry.javaagent.bootstrap.http.HttpServerResponseMutator;
import io.opentelemetry.javaagent.extension.instrumentation.internal.AgentDistributionConfig;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lapalma.agent.route.RoutedServer;
import lapalma.agent.route.Routes;
import lapalma.agent.route.UndertowRouteInstrumentationModule;
import lapalma.agent.weaving.Telemetry;
import lapalma.agent.weaving.Weaving;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The advice of the server beside upstream's modules, for the same requests in this JVM. */
@TestInstance(Lifecycle.PER_CLASS)
class ServerAdviceTest {
  @RegisterExtension static final Telemetry telemetry = Telemetry.create();

  private static final String SAMPLED =
      "traceparent: 00-5c17c2a3b5d0e1f2a3b4c5d6e7f80912-a1b2c3d4e5f60718-01\r\n";
  private static final String UNSAMPLED = SAMPLED.replace("-01\r\n", "-00\r\n");

  /** Only here do the two differ: of five nested matches upstream's route is the longest. */
  private static final String DEEPLY_NESTED = "/five/4711";

  private static final String NESTED = "in five handlers";

  private static final String CLOSE = "Host: test\r\nConnection: close\r\n";

  /** Attributes whose values differ between connections and between servers. */
  private static final List<String> OWN_VALUES =
      List.of("server.port", "network.peer.port", "exception.stacktrace");

  private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");

  /** What a client does, and how many requests that are and how many of them are sampled. */
  private record Case(int requests, int sampled, Client client) {}

  @FunctionalInterface
  private interface Client {
    void talksTo(Servers servers) throws Exception;
  }

  /**
   * What came of a case.
   *
   * @param names of the spans
   * @param spans all that there is of each, but for what differs from one run to the next
   * @param durations how often each series of the requests' duration was recorded
   */
  private record Recorded(
      List<String> names, List<String> spans, Map<Attributes, Long> durations) {}

  private static final Map<String, Case> CASES = new LinkedHashMap<>();

  static {
    Routes.all().keySet().stream()
        .filter(path -> !path.equals(DEEPLY_NESTED))
        .forEach(path -> raw(path, 1, "GET " + path + " HTTP/1.1\r\n" + CLOSE));
    raw(NESTED, 1, "GET " + DEEPLY_NESTED + " HTTP/1.1\r\n" + CLOSE);
    raw("a caller", 1, "GET /plain HTTP/1.1\r\n" + SAMPLED + CLOSE);
    add("a caller that is not sampled", 1, 0, sends("GET /plain HTTP/1.1\r\n" + UNSAMPLED + CLOSE));
    raw("a malformed caller", 1, "GET /plain HTTP/1.1\r\ntraceparent: 00-x\r\n" + CLOSE);
    raw("two callers", 1, "GET /plain HTTP/1.1\r\n" + SAMPLED + UNSAMPLED + CLOSE);
    raw("HEAD", 1, "HEAD /plain HTTP/1.1\r\n" + CLOSE);
    raw("OPTIONS", 1, "OPTIONS * HTTP/1.1\r\n" + CLOSE);
    raw("a method that is not allowed", 1, "DELETE /items/4711 HTTP/1.1\r\n" + CLOSE);
    raw("a method that nobody knows", 1, "BREW /plain HTTP/1.1\r\n" + CLOSE);
    raw("a method in small letters", 1, "get /plain HTTP/1.1\r\n" + CLOSE);
    raw("a body", 1, "POST /plain HTTP/1.1\r\nContent-Length: 5\r\n" + CLOSE + "\r\nroll!");
    raw("a query with a secret", 1, "GET /plain?a=b&sig=secret HTTP/1.1\r\n" + CLOSE);
    raw("an encoded path", 1, "GET /plain/%C3%A4/%2e%2e HTTP/1.1\r\n" + CLOSE);
    raw("an absolute address", 1, "GET http://other.test:81/plain HTTP/1.1\r\n" + CLOSE);
    raw("HTTP/1.0", 1, "GET /plain HTTP/1.0\r\n");
    raw("HTTP/1.0 with a host", 1, "GET /plain HTTP/1.0\r\nHost: test:8080\r\n");
    raw("an odd host", 1, "GET /plain HTTP/1.1\r\nHost: [::1]:x\r\nConnection: close\r\n");
    raw("a user agent", 1, "GET /plain HTTP/1.1\r\nUser-Agent: test/1\r\n" + CLOSE);
    raw(
        "a proxy",
        1,
        "GET /plain HTTP/1.1\r\nX-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n"
            + "X-Forwarded-Host: shop.test:8443\r\nUser-Agent: test/1\r\n"
            + CLOSE);
    raw(
        "a standard proxy",
        1,
        "GET /plain HTTP/1.1\r\nForwarded: for=203.0.113.7;proto=https;host=shop.test\r\n"
            + "User-Agent: test/1\r\n"
            + CLOSE);
    raw(
        "one connection, several clients behind it",
        5,
        "GET /plain HTTP/1.1\r\nHost: a\r\nUser-Agent: test/1\r\n\r\n"
            + "GET /plain HTTP/1.1\r\nHost: a\r\nUser-Agent: test/1\r\n\r\n"
            + "GET /plain HTTP/1.1\r\nHost: b\r\nUser-Agent: test/1\r\n\r\n"
            + "GET /plain HTTP/1.1\r\nHost: b\r\nUser-Agent: test/2\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n"
            + "GET /nothing HTTP/1.1\r\nHost: a\r\nUser-Agent: test/1\r\nConnection: close\r\n");
    raw(
        "one connection, clients that name neither themselves nor the host",
        4,
        "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n"
            + "GET /plain HTTP/1.1\r\nHost: a\r\nUser-Agent: test/1\r\n\r\n"
            + "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n"
            + "GET /plain HTTP/1.0\r\n");
    raw("a framework", 1, "GET /framework/4711 HTTP/1.1\r\n" + CLOSE);
    raw("a framework that throws", 1, "GET /framework/throws HTTP/1.1\r\n" + CLOSE);
    raw("a framework, a method that nobody knows", 1, "BREW /framework/1 HTTP/1.1\r\n" + CLOSE);
    add(
        "a framework whose caller is not sampled",
        1,
        0,
        sends("GET /framework/4711 HTTP/1.1\r\n" + UNSAMPLED + CLOSE));
    raw("a redirect", 1, "GET /redirect HTTP/1.1\r\n" + CLOSE);
    raw("a failure", 1, "GET /failed HTTP/1.1\r\n" + CLOSE);
    raw("files", 1, "GET /files HTTP/1.1\r\n" + CLOSE);
    raw("an exception that is attached", 1, "GET /attached HTTP/1.1\r\n" + CLOSE);
    raw("one attached on a worker", 1, "GET /attached-dispatched HTTP/1.1\r\n" + CLOSE);
    raw("an exception", 1, "GET /thrown HTTP/1.1\r\n" + CLOSE);
    raw("an exception on a worker", 1, "GET /thrown-dispatched HTTP/1.1\r\n" + CLOSE);
    raw("a dispatch that is rejected", 1, "GET /rejected HTTP/1.1\r\n" + CLOSE);
    raw("a task that an executor sorts", 1, "GET /sorted-task HTTP/1.1\r\n" + CLOSE);
    raw("a handler that waits too long", 1, "GET /closed HTTP/1.1\r\n" + CLOSE);
    raw("an answer by a timer", 1, "GET /late HTTP/1.1\r\n" + CLOSE);
    add(
        "an answer before the handler returns",
        1,
        1,
        servers -> {
          servers.http1().send("GET /early HTTP/1.1\r\n" + CLOSE + "\r\n");
          servers.app().letHandlerGoOn();
        });
    add(
        "a client that leaves",
        1,
        1,
        servers -> {
          servers.http1().sendAndLeave("GET /slow HTTP/1.1\r\n" + CLOSE + "\r\n");
          servers.app().letHandlerGoOn();
        });
    // The request that upgrades the connection passes the handlers twice; the next ones do not.
    add("the upgrade to HTTP/2", 2, 2, servers -> servers.http2().get("/items/4711"));
    add("HTTP/2", 1, 1, servers -> servers.http2().get("/items/4711?a=b"));
    add("HTTP/2, dispatched", 1, 1, servers -> servers.http2().get("/dispatched/4711"));
    add("HTTP/2, an exception", 1, 1, servers -> servers.http2().get("/thrown-dispatched"));
    add("HTTP/2, streams at once", 20, 20, ServerAdviceTest::sendsStreams);
    add("a WebSocket", 1, 1, ServerAdviceTest::opensAWebSocket);
  }

  private static final List<String> TELL_THE_CURRENT_SPAN =
      List.of("/current", "/current-dispatched", "/current-task");

  /** A request whose handler runs once more after the answer. */
  private static final Case TIMED_OUT =
      new Case(
          1,
          1,
          servers -> {
            // Undertow runs no late handler if the connection is closed.
            servers.http1().get("/timed-out");
            servers.app().awaitLateHandler();
            // It has one thread, so the late handler has ended.
            servers.executor().submit(() -> {}).get();
          });

  private static final List<String> CUSTOMIZED =
      List.of("/current", "/thrown", "/failed", "/items/4711", "/framework/throws");

  private static final String HEADER = "of-span: ";

  private final Map<String, List<String>> current = new LinkedHashMap<>();
  private final Map<String, List<String>> customized = new LinkedHashMap<>();
  private final Map<String, SpanData> handled = new LinkedHashMap<>();
  private Recorded timedOut;

  private final Map<String, Recorded> byUpstream = new LinkedHashMap<>();
  private final Map<String, Recorded> byOwn = new LinkedHashMap<>();

  private static void raw(String name, int requests, String text) {
    add(name, requests, requests, sends(text));
  }

  private static void add(String name, int requests, int sampled, Client client) {
    CASES.put(name, new Case(requests, sampled, client));
  }

  private static Client sends(String text) {
    return servers ->
        servers
            .http1()
            .send(text.contains("\r\n\r\n") && !text.endsWith("\r\n") ? text : text + "\r\n");
  }

  private static void sendsStreams(Servers servers) {
    Stream.generate(() -> servers.http2().getAsync("/executor/x/4711"))
        .limit(20)
        .toList()
        .forEach(CompletableFuture::join);
  }

  private static void opensAWebSocket(Servers servers) {
    URI address =
        URI.create("ws://127.0.0.1:%d/echo".formatted(servers.http1().address().getPort()));
    WebSocket socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(address, new WebSocket.Listener() {})
            .join();
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
  }

  /** The app on a server for each protocol. */
  private record Servers(
      AwkwardApp app, ExecutorService executor, RoutedServer http1, RoutedServer http2)
      implements AutoCloseable {

    static Servers start() {
      ExecutorService executor = Executors.newSingleThreadExecutor();
      var app = new AwkwardApp(executor);
      return new Servers(
          app,
          executor,
          RoutedServer.start(app.handler(), Version.HTTP_1_1),
          RoutedServer.start(app.handler(), Version.HTTP_2));
    }

    @Override
    public void close() {
      http1.close();
      http2.close();
      executor.shutdown();
    }
  }

  @BeforeAll
  void sendTheSameToBoth() throws Exception {
    Weaving.besideUpstream(UndertowRouteInstrumentationModule::new)
        .during(() -> record(byUpstream));
    customizeResponses();
    // As agent-config has it: upstream's module is not enabled.
    Weaving.configureAgent("otel.instrumentation.common.default-enabled", "false");
    Weaving.of(UndertowServerInstrumentationModule::new)
        .during(
            () -> {
              record(byOwn);
              try (var servers = Servers.start()) {
                for (String path : TELL_THE_CURRENT_SPAN) {
                  String answer = get(path, servers);
                  current.put(
                      path, List.of(answer.substring(answer.lastIndexOf('\n') + 1), spanId()));
                }
                for (String path : CUSTOMIZED) {
                  String answer = get(path, servers);
                  customized.put(path, List.of(headers(answer), spanId()));
                }
                for (String path : List.of("/handled", "/handled-badly")) {
                  get(path, servers);
                  handled.put(path, telemetry.awaitSpans(1).get(0));
                }
                timedOut = record(TIMED_OUT, servers);
              }
            });
  }

  private static String get(String path, Servers servers) throws IOException {
    telemetry.beforeEach(null);
    return servers.http1().send("GET " + path + " HTTP/1.1\r\n" + CLOSE + "\r\n");
  }

  private static String spanId() {
    return telemetry.awaitSpans(1).get(0).getSpanId();
  }

  /** Returns the values of the header that the customizer adds. */
  private static String headers(String answer) {
    return answer
        .lines()
        .filter(line -> line.startsWith(HEADER))
        .map(line -> line.substring(HEADER.length()))
        .collect(Collectors.joining(","));
  }

  private static void customizeResponses() {
    HttpServerResponseCustomizerHolder.setCustomizer(
        new HttpServerResponseCustomizer() {
          @Override
          public <R> void customize(
              Context context, R response, HttpServerResponseMutator<R> mutator) {
            mutator.appendHeader(
                response,
                HEADER.substring(0, HEADER.indexOf(':')),
                Span.fromContext(context).getSpanContext().getSpanId());
          }
        });
  }

  @AfterAll
  void forgetTheConfiguration() {
    AgentDistributionConfig.resetForTest();
  }

  private static void record(Map<String, Recorded> records) throws Exception {
    try (var servers = Servers.start()) {
      for (var one : CASES.entrySet()) {
        try {
          records.put(one.getKey(), record(one.getValue(), servers));
        } catch (ConditionTimeoutException e) {
          throw new AssertionError("%s, after %s".formatted(one.getKey(), telemetry.spans()), e);
        }
      }
    }
  }

  private static Recorded record(Case one, Servers servers) throws Exception {
    telemetry.beforeEach(null);
    Map<Attributes, Long> before = durations();
    one.client().talksTo(servers);
    List<SpanData> spans = telemetry.awaitSpans(one.sampled());
    return new Recorded(
        spans.stream().map(SpanData::getName).toList(),
        spans.stream().map(ServerAdviceTest::comparable).sorted().toList(),
        awaitSince(before, one.requests()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theSpansAreThoseOfUpstreamsModules(String name) {
    assertThat(byOwn.get(name).spans())
        .hasSize(CASES.get(name).sampled())
        .isEqualTo(byUpstream.get(name).spans());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theDurationsAreThoseOfUpstreamsModules(String name) {
    assertThat(byOwn.get(name).durations())
        .isNotEmpty()
        .isEqualTo(byUpstream.get(name).durations());
  }

  static Stream<String> cases() {
    return CASES.keySet().stream().filter(name -> !name.equals(NESTED));
  }

  @ParameterizedTest
  @FieldSource("TELL_THE_CURRENT_SPAN")
  void theSpanIsCurrentInAHandlerAndInADispatchedTask(String path) {
    assertThat(current.get(path)).hasSize(2).doesNotContain("0000000000000000");
    assertThat(current.get(path).get(0)).isEqualTo(current.get(path).get(1));
  }

  @ParameterizedTest
  @FieldSource("CUSTOMIZED")
  void customizersOfResponsesAreCalledOnce(String path) {
    assertThat(customized.get(path)).hasSize(2);
    assertThat(customized.get(path).get(0)).isEqualTo(customized.get(path).get(1));
  }

  /** It is on the span, and fails it only if the answer says so. */
  @ParameterizedTest
  @CsvSource({"/handled, UNSET", "/handled-badly, ERROR"})
  void anExceptionThatTheAppHandlesIsRecorded(String path, StatusCode status) {
    SpanData span = handled.get(path);

    assertThat(span.getStatus().getStatusCode()).isEqualTo(status);
    assertThat(span.getEvents())
        .singleElement()
        .satisfies(
            event ->
                assertThat(event.getAttributes().get(AttributeKey.stringKey("exception.message")))
                    .isEqualTo("thrown"));
  }

  @Test
  void aHandlerThatIsDispatchedAfterTheAnswerDoesNotCountTheRequestTwice() {
    assertThat(timedOut.names()).containsExactly("GET /timed-out");
    assertThat(timedOut.durations()).hasSize(1).containsValue(1L);
  }

  @Test
  void theRouteIsTheInnermostTemplateHoweverDeeplyItIsNested() {
    assertThat(byOwn.get(NESTED).spans()).singleElement().asString().startsWith("GET /five/{c},");
  }

  @ParameterizedTest
  @CsvSource({
    "/plain/4711, GET /plain/*",
    "/api, GET /api",
    "an encoded path, GET /plain/*",
    "HEAD, HEAD /plain",
    "a redirect, GET /redirect",
    "files, GET /files/*",
    "/nothing, GET",
    "/api/deep/er/x/4711, GET /api/deep/er/x/{id}"
  })
  void aHandlerBehindAPathHasItAsTheRoute(String name, String spanName) {
    assertThat(byOwn.get(name).names()).containsExactly(spanName);
  }

  private static String comparable(SpanData span) {
    return "%s, %s, %s, schema %s, below %s, %s, %s, %s"
        .formatted(
            isOfPrefix(span.getAttributes())
                ? span.getName().substring(0, span.getName().indexOf(' '))
                : span.getName(),
            span.getKind(),
            span.getInstrumentationScopeInfo().getName(),
            span.getInstrumentationScopeInfo().getSchemaUrl(),
            span.getParentSpanContext(),
            span.getStatus(),
            comparable(comparedOf(span.getAttributes())),
            span.getEvents().stream().map(ServerAdviceTest::comparable).toList());
  }

  /** Returns whether the route is that of a path's prefix, for which upstream has none. */
  private static boolean isOfPrefix(Attributes attributes) {
    String route = attributes.get(ROUTE);
    return route != null && !route.contains("{") && !route.equals("/nested/*");
  }

  private static Attributes comparedOf(Attributes all) {
    // Built anew, because the SDK's own kinds of attributes differ from each other.
    return (isOfPrefix(all) ? all.toBuilder().remove(ROUTE) : all.toBuilder()).build();
  }

  private static String comparable(EventData event) {
    return event.getName() + comparable(event.getAttributes());
  }

  private static Map<String, Object> comparable(Attributes attributes) {
    Map<String, Object> comparable = new TreeMap<>();
    attributes.forEach(
        (key, value) ->
            comparable.put(key.getKey(), OWN_VALUES.contains(key.getKey()) ? "its own" : value));
    return comparable;
  }

  private static Map<Attributes, Long> awaitSince(Map<Attributes, Long> before, int requests) {
    return await()
        .pollInterval(Duration.ofMillis(1))
        .pollDelay(Duration.ZERO)
        .until(
            () -> since(before),
            now -> now.values().stream().mapToLong(Long::longValue).sum() >= requests);
  }

  private static Map<Attributes, Long> since(Map<Attributes, Long> before) {
    Map<Attributes, Long> since = new LinkedHashMap<>();
    durations()
        .forEach(
            (attributes, count) -> {
              long more = count - before.getOrDefault(attributes, 0L);
              if (more > 0) {
                since.put(attributes, more);
              }
            });
    return since;
  }

  /** How often each series was recorded. */
  private static Map<Attributes, Long> durations() {
    Map<Attributes, Long> counts = new LinkedHashMap<>();
    for (MetricData metric : telemetry.metrics()) {
      if (metric.getName().equals("http.server.request.duration")) {
        for (HistogramPointData point : metric.getHistogramData().getPoints()) {
          counts.merge(comparedOf(point.getAttributes()), point.getCount(), Long::sum);
        }
      }
    }
    return counts;
  }
}
