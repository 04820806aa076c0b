package lapalma.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import lapalma.e2e.support.RecordedSpan;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.SharedStack.Stack;
import lapalma.e2e.support.TestApp;
import lapalma.e2e.support.TraceContext;
import lapalma.process.FreePort;
import lapalma.process.ManagedProcess;
import lapalma.stack.Project;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the extension on another app than dice, under the pinned agent and the oldest one. */
@ExtendWith(SharedStack.class)
class RoutesIT {
  private static final Duration ARRIVES = Duration.ofSeconds(60);
  private static final String ANSWER_ONLY = "GET";

  /** Those whose routes only undertow_server finds, in the path of a handler. */
  private static final Set<String> BEHIND_PATHS = Set.of("/plain/4711", "/odd");

  /** The span name of each request. */
  private static final Map<String, String> NAMES = new LinkedHashMap<>();

  static {
    NAMES.put("/items/4711", "GET /items/{id}");
    NAMES.put("/nested/a-name/end", "GET /nested/{name}/end");
    NAMES.put("/a/1", "GET /a/{b}");
    NAMES.put("/dispatched/4711", "GET /dispatched/{id}");
    NAMES.put("/mixed/x/4711", "GET /mixed/x/{id}");
    NAMES.put("/api/x/4711", "GET /api/x/{id}");
    NAMES.put("/api", "GET /api");
    NAMES.put("/api/deep/er/x/4711", "GET /api/deep/er/x/{id}");
    NAMES.put("/templates/users/me/posts/4711", "GET /templates/users/{user}/posts/{post}");
    NAMES.put("/plain/4711", "GET /plain/*");
    NAMES.put("/odd", "GET /odd");
    NAMES.put("/nothing", ANSWER_ONLY);
  }

  private final Stack stack;
  private final Project project = SharedStack.project();

  RoutesIT(Stack stack) {
    this.stack = stack;
  }

  static Stream<Arguments> agentsAndModules() throws IOException {
    return agents()
        .flatMap(
            agent ->
                Stream.of("undertow_server", "undertow, undertow_route")
                    .map(
                        modules ->
                            Arguments.of(
                                Named.of(agent.getFileName().toString(), agent), modules)));
  }

  private static Stream<Path> agents() throws IOException {
    Project project = SharedStack.project();
    try (Stream<Path> older = Files.list(project.root().resolve("e2e/target/older-agents"))) {
      List<Path> agents = new ArrayList<>(older.sorted().toList());
      agents.add(project.attach().resolveSibling("opentelemetry-javaagent.jar"));
      assertThat(agents).hasSize(2);
      return agents.stream();
    }
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("agentsAndModules")
  void everySpanIsNamedAfterItsWholeTemplate(Path agent, String modules) throws Exception {
    int port = FreePort.find();
    int metricsPort = FreePort.find();
    try (ManagedProcess app = start(agent, modules, port, metricsPort)) {
      Map<String, TraceContext> requests = new LinkedHashMap<>();
      Map<String, String> expected = new LinkedHashMap<>(NAMES);
      if (!modules.equals("undertow_server")) {
        BEHIND_PATHS.forEach(path -> expected.put(path, ANSWER_ONLY));
      }
      for (String path : NAMES.keySet()) {
        var context = TraceContext.random();
        requests.put(path, context);
        int status = context.get("http://127.0.0.1:" + port + path).statusCode();
        assertThat(status).as(path).isEqualTo(path.equals("/nothing") ? 404 : 200);
      }

      await().atMost(ARRIVES).untilAsserted(() -> assertThat(names(requests)).isEqualTo(expected));
      requests.forEach(
          (path, context) -> {
            RecordedSpan span = onlySpan(context);
            String name = expected.get(path);
            if (name.equals(ANSWER_ONLY)) {
              assertThat(span.tags()).as(path).doesNotContainKey("http.route");
            } else {
              assertThat(span.tags())
                  .as(path)
                  .containsEntry("http.route", name.substring("GET ".length()));
            }
          });
      assertThat(Http.get("http://127.0.0.1:" + metricsPort + "/metrics").body())
          .contains("http_route=\"/api/x/{id}\"")
          .doesNotContain("/4711");
      assertThatHttp2IsNoDifferent(port);
      assertThatALongPathIsCut(port);
      assertThat(app.logText())
          .as("the sampler follows Jaeger on this agent")
          .contains("Jaeger now asks for Strategy");
      assertThatARequestWithoutACallerIsSampled(port);
      app.requireAlive();
    }
  }

  /** Sends a request without a caller: only on such a one does the extension's sampler decide. */
  private void assertThatARequestWithoutACallerIsSampled(int port) throws IOException {
    Instant began = Instant.now();
    Http.get("http://127.0.0.1:" + port + "/items/4711");
    await()
        .atMost(ARRIVES)
        .untilAsserted(() -> assertThat(stack.jaeger().api().traces("test-app", began)).hasSize(1));
  }

  private void assertThatHttp2IsNoDifferent(int port) throws Exception {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    String url = "http://127.0.0.1:" + port;
    // Only the request that upgrades the connection passes the handlers twice.
    client.send(
        HttpRequest.newBuilder(URI.create(url + "/plain")).build(),
        HttpResponse.BodyHandlers.discarding());
    var context = TraceContext.random();

    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(URI.create(url + "/api/x/1"))
                .header("traceparent", context.traceparent())
                .build(),
            HttpResponse.BodyHandlers.ofString());

    assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
    await()
        .atMost(ARRIVES)
        .untilAsserted(() -> assertThat(onlySpan(context).name()).isEqualTo("GET /api/x/{id}"));
    assertThat(onlySpan(context).tags()).containsEntry("network.protocol.version", "2");
  }

  /** Without the limit of otel.yaml, a client could fill the memory of the app with its paths. */
  private void assertThatALongPathIsCut(int port) throws Exception {
    var context = TraceContext.random();

    context.get("http://127.0.0.1:%d/plain/%s".formatted(port, "x".repeat(20_000)));

    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(onlySpan(context).tags().get("url.path"))
                    .asString()
                    .startsWith("/plain/xxx")
                    .hasSize(16_384));
  }

  private Map<String, String> names(Map<String, TraceContext> requests) {
    Map<String, String> names = new LinkedHashMap<>();
    requests.forEach((path, context) -> names.put(path, onlySpan(context).name()));
    return names;
  }

  private RecordedSpan onlySpan(TraceContext context) {
    try {
      List<RecordedSpan> spans = RecordedSpan.ofTrace(stack.jaeger(), context.traceId());
      assertThat(spans).as("spans of trace " + context.traceId()).hasSize(1);
      return spans.get(0);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private ManagedProcess start(Path agent, String modules, int port, int metricsPort)
      throws IOException {
    Path folder = SharedStack.newFolder("routes");
    Path otelYaml = project.attach().resolve("otel.yaml");
    Path config =
        Files.writeString(
            folder.resolve("otel.yaml"),
            Files.readString(otelYaml)
                .replace("enabled: [undertow_server", "enabled: [" + modules));
    // The extension beside the user's own agent.
    Path arguments =
        Files.writeString(
            folder.resolve("jvm.args"),
            """
            "-javaagent:%s"
            "-Dotel.javaagent.extensions=%s"
            "-Dotel.config.file=%s"
            """
                .formatted(
                    agent,
                    project.attach().resolveSibling("undertow-agent-extension.jar"),
                    config));
    return TestApp.start(
        RoutingApp.class,
        arguments,
        stack.ports(),
        metricsPort,
        folder,
        "http://127.0.0.1:" + port + "/plain",
        String.valueOf(port));
  }
}
