package lapalma.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.RecordedSpan;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.SharedStack.Stack;
import lapalma.e2e.support.TraceContext;
import lapalma.stack.DiceProcess;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(SharedStack.class)
class TracesIT {
  private final Stack stack;

  TracesIT(Stack stack) {
    this.stack = stack;
  }

  @Test
  void aRollIsAServerSpanWithTheMethodThatRolledAsItsChild() throws Exception {
    var context = TraceContext.random();

    context.get(stack.dice().url() + "/?why=test");

    List<RecordedSpan> spans = stack.awaitSpans(context, 2);
    RecordedSpan server = spans.get(0);
    assertThat(server.name()).isEqualTo("GET /");
    assertThat(server.parentId()).isEqualTo(context.spanId());
    assertThat(withoutPeerPort(server.tags()))
        .containsExactlyInAnyOrderEntriesOf(
            serverTags(
                Map.of(
                    "http.request.method", "GET",
                    "http.route", "/",
                    "http.response.status_code", 200L,
                    "url.path", "/",
                    "url.query", "why=test")));
    assertThat(server.events()).isEmpty();

    RecordedSpan method = spans.get(1);
    assertThat(method.name()).isEqualTo("Dice.roll");
    assertThat(method.parentId()).isEqualTo(server.spanId());
    assertThat(withoutScopeVersion(method.tags()))
        .containsOnly(
            entry("span.kind", "internal"),
            entry("code.function.name", "lapalma.dice.Dice.roll"),
            entry("dice.value", method.tags().get("dice.value")),
            entry("otel.scope.name", "io.opentelemetry.methods"));
    assertThat(method.tags().get("dice.value")).isIn(1L, 2L, 3L, 4L, 5L, 6L);
  }

  @Test
  void theFaceThatTheClientSawIsOnTheSpanOfItsRollAndFindsIt() throws Exception {
    Map<TraceContext, Long> faces = new LinkedHashMap<>();
    for (int i = 0; i < 40; i++) {
      var context = TraceContext.random();
      JsonNode answer = Http.json(context.get(stack.dice().url() + "/"));
      faces.put(context, answer.path("dice_value").asLong());
    }

    for (var roll : faces.entrySet()) {
      assertThat(stack.awaitSpans(roll.getKey(), 2).get(1).tags())
          .containsEntry("dice.value", roll.getValue());
    }
    for (long face = 1; face <= 6; face++) {
      List<String> found =
          stack.jaeger().api().traceIds("dice", "dice.value", String.valueOf(face));
      // Other tests roll too.
      assertThat(faces.keySet())
          .filteredOn(roll -> found.contains(roll.traceId()))
          .containsExactlyInAnyOrderElementsOf(rollsOf(face, faces));
    }
  }

  private static List<TraceContext> rollsOf(long face, Map<TraceContext, Long> faces) {
    return faces.keySet().stream().filter(roll -> faces.get(roll) == face).toList();
  }

  @Test
  void theSpanOfAMethodIsTheOneThatUpstreamMakes() throws Exception {
    Path folder = SharedStack.newFolder("methods");
    Ports ports = FreePorts.forAll();
    String include = "include: [{ class: lapalma.dice.Dice, methods: [{ name: roll }] }]";
    Path config =
        SharedStack.otelYaml(
            folder,
            "sampled_methods, ",
            "sampled_methods, methods, ",
            ", attributes: [{ name: dice.value, from: return }]",
            "",
            include,
            include + "\n    methods:\n      " + include);
    var context = TraceContext.random();

    try (DiceProcess dice =
        DiceProcess.startAttached(
            SharedStack.project(),
            ports,
            folder,
            List.of("-Dotel.config.file=" + config),
            Map.of(
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                stack.ports().url(Port.OTLP) + "/v1/traces"))) {
      context.get(dice.url() + "/");

      List<RecordedSpan> spans = stack.awaitSpans(context, 3);
      RecordedSpan outer = spans.get(1);
      RecordedSpan inner = spans.get(2);
      assertThat(inner.parentId()).isEqualTo(outer.spanId());
      assertThat(inner.name()).isEqualTo(outer.name()).isEqualTo("Dice.roll");
      assertThat(withoutScopeVersion(inner.tags())).isEqualTo(withoutScopeVersion(outer.tags()));
      assertThat(inner.events()).isEqualTo(outer.events()).isEmpty();
    }
  }

  @Test
  void aFailureIsAnErrorSpanWithItsException() throws Exception {
    var context = TraceContext.random();

    assertThat(context.get(stack.dice().url() + "/fail").statusCode()).isEqualTo(500);

    RecordedSpan server = stack.awaitSpans(context, 1).get(0);
    assertThat(server.name()).isEqualTo("GET /fail");
    assertThat(withoutPeerPort(server.tags()))
        .containsExactlyInAnyOrderEntriesOf(
            serverTags(
                Map.of(
                    "http.request.method", "GET",
                    "http.route", "/fail",
                    "http.response.status_code", 500L,
                    "url.path", "/fail",
                    "error.type", "500",
                    "error", true,
                    "otel.status_code", "ERROR")));
    assertThat(server.events())
        .singleElement()
        .satisfies(
            event ->
                assertThat(event)
                    .containsOnlyKeys(
                        "event", "exception.type", "exception.message", "exception.stacktrace")
                    .containsEntry("event", "exception")
                    .containsEntry(
                        "exception.type", "lapalma.dice.FailHandler.IntentionalFailureException")
                    .containsEntry("exception.message", "Intentional failure"));
  }

  @ParameterizedTest
  @CsvSource({"GET,/nosuch/1234,404", "POST,/,405"})
  void aRequestThatNoHandlerTakesHasNoRoute(String method, String path, long status)
      throws Exception {
    var context = TraceContext.random();

    context.send(method, stack.dice().url() + path);

    RecordedSpan server = stack.awaitSpans(context, 1).get(0);
    assertThat(server.name()).isEqualTo(method);
    assertThat(withoutPeerPort(server.tags()))
        .containsExactlyInAnyOrderEntriesOf(
            serverTags(
                Map.of(
                    "http.request.method", method,
                    "http.response.status_code", status,
                    "url.path", path)));
  }

  @Test
  void headIsNamedAfterItsRouteToo() throws Exception {
    var context = TraceContext.random();

    context.send("HEAD", stack.dice().url() + "/");

    assertThat(stack.awaitSpans(context, 2))
        .extracting(RecordedSpan::name)
        .containsExactly("HEAD /", "Dice.roll");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/health", "/metrics"})
  void probesAndScrapesLeaveNoSpanEvenIfTheCallerIsSampled(String path) throws Exception {
    var probe = TraceContext.random();
    var later = TraceContext.random();

    probe.get(stack.dice().url() + path);
    later.get(stack.dice().url() + "/");

    // Spans leave in the order in which they end, so no earlier one is still to come.
    stack.awaitSpans(later, 2);
    assertThat(stack.spans(probe)).isEmpty();
  }

  @Test
  void aCallerThatIsNotSampledIsFollowed() throws Exception {
    var unsampled = TraceContext.random();
    var later = TraceContext.random();

    unsampled.getUnsampled(stack.dice().url() + "/");
    later.get(stack.dice().url() + "/");

    stack.awaitSpans(later, 2);
    assertThat(stack.spans(unsampled)).isEmpty();
  }

  @Test
  void theResourceSaysWhichProcessItWas() throws Exception {
    var context = TraceContext.random();

    context.get(stack.dice().url() + "/");

    assertThat(stack.awaitSpans(context, 2).get(0).resource())
        .containsEntry("service.name", "dice")
        .containsEntry("service.version", "1.2.3")
        .containsEntry("deployment.environment.name", "local")
        .containsEntry("process.pid", stack.dice().process().pid())
        .containsKeys("service.instance.id", "host.name", "telemetry.distro.version")
        .doesNotContainKeys("process.command_args", "process.command_line");
  }

  private Map<String, Object> serverTags(Map<String, Object> ofThisRequest) {
    Map<String, Object> tags = new TreeMap<>(ofThisRequest);
    tags.put("span.kind", "server");
    tags.put("url.scheme", "http");
    tags.put("server.address", "127.0.0.1");
    tags.put("server.port", (long) stack.ports().of(Port.DICE));
    tags.put("client.address", "127.0.0.1");
    tags.put("network.peer.address", "127.0.0.1");
    tags.put("network.protocol.version", "1.1");
    tags.put("user_agent.original", "test");
    tags.put("otel.scope.name", "io.opentelemetry.undertow-1.4");
    return tags;
  }

  /** Removes the client's port, the one attribute that a request does not choose. */
  private static Map<String, Object> withoutPeerPort(Map<String, Object> tags) {
    Map<String, Object> rest = withoutScopeVersion(tags);
    assertThat(rest.remove("network.peer.port")).isInstanceOf(Long.class);
    return rest;
  }

  /** Returns the tags without the agent's version. Only pom.xml holds that version. */
  private static Map<String, Object> withoutScopeVersion(Map<String, Object> tags) {
    Map<String, Object> rest = new TreeMap<>(tags);
    assertThat(rest.remove("otel.scope.version")).isNotNull();
    return rest;
  }
}
