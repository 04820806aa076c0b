package lapalma.e2e.agent;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.SharedStack.Stack;
import lapalma.e2e.support.TraceContext;
import lapalma.stack.DiceProcess;
import lapalma.stack.Port;
import lapalma.stack.Project;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The extension's own server instrumentation, beside upstream's modules for the same requests. */
@ExtendWith(SharedStack.class)
class UndertowServerIT {
  private static final String UPSTREAM =
      "enabled: [undertow, undertow_route, sampled_methods, logback_mdc]";
  private static final String OWN =
      "enabled: [undertow_server, sampled_methods, logback_trace_ids, logback_appender, sampled_logs]";

  /** What the agent's configuration may say of all HTTP servers. */
  private static final String HTTP_SETTINGS =
      "http: { server: { request_captured_headers: [x-dice, host], "
          + "response_captured_headers: [content-type, x-none] } }";

  private static final String COMMON_SETTINGS =
      "http: { known_methods: [GET, BREW], server: { emit_experimental_telemetry/development: true } }";

  private static final Duration ARRIVES = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Attributes whose values differ between connections or processes. */
  private static final Set<String> OWN_VALUES =
      Set.of(
          "server.port",
          "dice.value",
          "network.peer.port",
          "process.pid",
          "service.instance.id",
          "exception.stacktrace");

  /** What is sent on one connection; each %s is the caller's context. */
  private static final Map<String, List<String>> REQUESTS = new LinkedHashMap<>();

  static {
    REQUESTS.put("a roll", List.of("GET / HTTP/1.1\r\n%s"));
    REQUESTS.put("a roll's head", List.of("HEAD / HTTP/1.1\r\n%s"));
    REQUESTS.put("a failure", List.of("GET /fail HTTP/1.1\r\n%s"));
    REQUESTS.put("an unknown path", List.of("GET /nothing/4711 HTTP/1.1\r\n%s"));
    REQUESTS.put(
        "a method that is not allowed", List.of("PUT / HTTP/1.1\r\n%sContent-Length: 0\r\n"));
    REQUESTS.put("a method that nobody knows", List.of("BREW / HTTP/1.1\r\n%s"));
    REQUESTS.put("a query with a secret", List.of("GET /?a=b&sig=secret HTTP/1.1\r\n%s"));
    REQUESTS.put("HTTP/1.0", List.of("GET / HTTP/1.0\r\n%s"));
    REQUESTS.put("a user agent", List.of("GET / HTTP/1.1\r\n%sUser-Agent: test/1\r\n"));
    REQUESTS.put("a header twice", List.of("GET / HTTP/1.1\r\n%sX-Dice: 1\r\nX-Dice: 2\r\n"));
    REQUESTS.put(
        "a proxy",
        List.of(
            "GET / HTTP/1.1\r\n%sX-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n"
                + "X-Forwarded-Host: dice.example:8443\r\nUser-Agent: test/1\r\n"));
    REQUESTS.put(
        "one connection, three requests",
        List.of(
            "GET / HTTP/1.1\r\n%sUser-Agent: test/1\r\n",
            "GET /nothing?x=1 HTTP/1.1\r\n%sUser-Agent: test/1\r\n",
            "GET /fail HTTP/1.1\r\n%sUser-Agent: test/2\r\n"));
  }

  private final Stack stack;
  @AutoClose private final Closer closer = new Closer();

  UndertowServerIT(Stack stack) {
    this.stack = stack;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", HTTP_SETTINGS})
  void itRecordsWhatUpstreamsModulesRecord(String settings) throws Exception {
    // With the settings, an exception is no event of its span.
    String exceptions =
        "-Dotel.semconv.exception.signal.preview=" + (settings.isEmpty() ? "" : "logs");
    List<String> changes = general(settings);
    DiceProcess own = start("own", changes, "true", exceptions);
    changes.addAll(List.of(OWN, UPSTREAM));
    DiceProcess upstream = start("upstream", changes, "true", exceptions);
    Map<String, List<TraceContext>> byUpstream = new LinkedHashMap<>();
    Map<String, List<TraceContext>> byOwn = new LinkedHashMap<>();
    for (var request : REQUESTS.entrySet()) {
      byUpstream.put(request.getKey(), contexts(request.getValue()));
      byOwn.put(request.getKey(), contexts(request.getValue()));
      assertThat(send(own, request.getValue(), byOwn.get(request.getKey())))
          .as(request.getKey())
          .isEqualTo(send(upstream, request.getValue(), byUpstream.get(request.getKey())));
    }

    for (String request : REQUESTS.keySet()) {
      for (int i = 0; i < byOwn.get(request).size(); i++) {
        TraceContext ofUpstream = byUpstream.get(request).get(i);
        TraceContext ofOwn = byOwn.get(request).get(i);
        await()
            .atMost(ARRIVES)
            .untilAsserted(
                () ->
                    assertThat(spans(ofOwn))
                        .as("spans of " + request)
                        .isNotEmpty()
                        .isEqualTo(spans(ofUpstream)));
      }
    }
    assertThat(durations(own)).isNotEmpty().isEqualTo(durations(upstream));
    assertThat(logs(own)).isNotEmpty().isEqualTo(logs(upstream));
  }

  /** Its span is made after its end, and yet has all that a sampled one records before. */
  @Test
  void aFailureThatIsNotSampledIsRecordedAsOneThatIs() throws Exception {
    List<String> changes = general(HTTP_SETTINGS);
    DiceProcess sampled = start("sampled", changes, "true");
    // No Jaeger answers the agents of these tests, so the initial rate stays.
    changes.addAll(List.of("initial_rate: 1.0", "initial_rate: 0.0"));
    DiceProcess kept = start("kept", changes, "false");
    Map<TraceContext, TraceContext> keptAndSampled = new LinkedHashMap<>();
    for (List<String> texts : REQUESTS.values()) {
      List<String> failing =
          texts.stream().map(text -> text.replaceFirst("^GET /(?=[ ?])", "GET /fail")).toList();
      List<TraceContext> ofSampled = contexts(failing);
      List<TraceContext> ofKept = contexts(failing);
      send(sampled, failing, ofSampled);
      send(kept, failing, ofKept);
      for (int i = 0; i < failing.size(); i++) {
        if (failing.get(i).startsWith("GET /fail")) {
          keptAndSampled.put(ofKept.get(i), ofSampled.get(i));
        }
      }
    }

    for (var pair : keptAndSampled.entrySet()) {
      await()
          .atMost(ARRIVES)
          .untilAsserted(
              () ->
                  assertThat(spans(pair.getKey()))
                      .singleElement()
                      .asString()
                      .contains("sampling.reason=error, ")
                      .satisfies(
                          text ->
                              assertThat(List.of(text.replace("sampling.reason=error, ", "")))
                                  .isEqualTo(spans(pair.getValue()))));
    }
  }

  @Test
  void besideUpstreamsModuleItStandsAside() throws Exception {
    String enabled = UPSTREAM.replace("undertow,", "undertow, undertow_server,");
    DiceProcess both = start("both", List.of(OWN, enabled), "true");
    var context = TraceContext.random();

    context.get(both.url() + "/");

    await().atMost(ARRIVES).untilAsserted(() -> assertThat(spans(context)).hasSize(2));
    assertThat(both.process().logText())
        .contains(
            "undertow_server is off, because undertow is also enabled: remove one of them from enabled.");
  }

  /** Returns the changes of otel.yaml that add settings of all HTTP servers, unless empty. */
  private static List<String> general(String settings) {
    List<String> changes = new ArrayList<>();
    if (!settings.isEmpty()) {
      changes.addAll(List.of("  general:\n", "  general:\n    " + settings + "\n"));
      changes.addAll(List.of("    common:\n", "    common:\n      " + COMMON_SETTINGS + "\n"));
    }
    return changes;
  }

  private DiceProcess start(
      String name, List<String> changes, String followsCallers, String... options) {
    Project project = SharedStack.project();
    Path folder = SharedStack.newFolder("undertow-server-" + name);
    Path config = SharedStack.otelYaml(folder, changes.toArray(String[]::new));
    return closer.register(
        DiceProcess.startAttached(
            project,
            FreePorts.forAll(),
            folder,
            Stream.concat(Stream.of("-Dotel.config.file=" + config), Stream.of(options)).toList(),
            Map.of(
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                stack.ports().url(Port.OTLP) + "/v1/traces",
                "SAMPLING_FOLLOW_CALLERS",
                followsCallers)));
  }

  private static List<TraceContext> contexts(List<String> requests) {
    return requests.stream().map(request -> TraceContext.random()).toList();
  }

  /**
   * Sends the requests without waiting for answers in between; returns the answers' first lines.
   */
  private static List<String> send(
      DiceProcess dice, List<String> requests, List<TraceContext> contexts) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), dice.ports().of(Port.DICE))) {
      var all = new StringBuilder();
      for (int i = 0; i < requests.size(); i++) {
        String headers =
            "Host: dice.example:8080\r\ntraceparent: %s\r\n%s"
                .formatted(
                    contexts.get(i).traceparent(),
                    i == requests.size() - 1 ? "Connection: close\r\n" : "");
        all.append(requests.get(i).formatted(headers)).append("\r\n");
      }
      socket.getOutputStream().write(all.toString().getBytes(ISO_8859_1));
      String answers = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
      return answers.lines().filter(line -> line.startsWith("HTTP/")).toList();
    }
  }

  /** All that Jaeger has of a trace, but for ids and for values that differ between processes. */
  private List<String> spans(TraceContext context) throws IOException {
    return stack.spans(context).stream()
        .map(
            span ->
                "%s below %s, %s, %s, %s"
                    .formatted(
                        span.name(),
                        span.parentId().equals(context.spanId()) ? "the caller" : "another span",
                        comparable(span.tags()),
                        span.events().stream().map(UndertowServerIT::comparable).toList(),
                        comparable(span.resource())))
        .toList();
  }

  private static Map<String, Object> comparable(Map<String, Object> values) {
    Map<String, Object> comparable = new TreeMap<>(values);
    comparable.replaceAll((key, value) -> OWN_VALUES.contains(key) ? "its own" : value);
    return comparable;
  }

  /** Every series of the server, but for those of the probes that waited for a start. */
  private static List<String> durations(DiceProcess dice) throws IOException {
    return Http.get(dice.ports().url(Port.AGENT_METRICS) + "/metrics")
        .body()
        .lines()
        .filter(line -> line.contains("http_server_"))
        .filter(line -> !line.contains("/health"))
        // How long each took is its own.
        .map(line -> line.startsWith("#") ? line : line.substring(0, line.indexOf("} ") + 1))
        .sorted()
        .toList();
  }

  /** Returns the message and the field names of each log line. */
  private static List<String> logs(DiceProcess dice) throws IOException {
    List<String> logs = new ArrayList<>();
    for (String line :
        dice.process().logText().lines().filter(one -> one.startsWith("{")).toList()) {
      JsonNode event = JSON.readTree(line);
      Set<String> fields = new TreeSet<>();
      event.fieldNames().forEachRemaining(fields::add);
      logs.add(event.path("message").asText() + fields);
    }
    // The server may answer before it logs that it listens.
    logs.sort(Comparator.comparing(line -> !line.startsWith("Listening")));
    return logs;
  }
}
