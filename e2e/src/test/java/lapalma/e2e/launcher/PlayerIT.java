package lapalma.e2e.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.RecordedSpan;
import lapalma.e2e.support.SharedStack;
import lapalma.process.ManagedProcess;
import lapalma.stack.DiceProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.PlayerProcess;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.api.FoundTrace;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The traces of a caller and of dice: the caller is the program of stack/player. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PlayerIT {
  private static final Duration ARRIVES = Duration.ofSeconds(60);

  private final Project project = SharedStack.project();
  private final Ports ports = FreePorts.forAll();
  @AutoClose private final Closer closer = new Closer();
  private final Instant began = Instant.now();
  private Jaeger jaeger;
  private ManagedProcess player;

  @BeforeAll
  void start() {
    Path folder = SharedStack.newFolder("player");
    jaeger = closer.register(Jaeger.start(project, ports, folder));
    closer.register(DiceProcess.startAttached(project, ports, folder, Map.of()));
    player =
        closer.register(
            PlayerProcess.start(
                project.root(),
                ports,
                folder,
                Map.of("PLAYER_RATE", "10", "PLAYER_FAILURES", "0.2", "APP_VERSION", "1.2.3")));
  }

  @Test
  void aRollIsATraceOfBothServices() throws IOException {
    List<RecordedSpan> spans = awaitTrace("/", "200", 4);

    RecordedSpan root = spans.get(0);
    assertThat(root.name()).isEqualTo("Player.roll");
    assertThat(root.parentId()).isEmpty();

    RecordedSpan client = spans.get(1);
    assertThat(client.name()).isEqualTo("GET");
    assertThat(client.parentId()).isEqualTo(root.spanId());
    assertThat(withoutScopeVersion(client.tags()))
        .containsExactlyInAnyOrderEntriesOf(clientTags("/", 200));
    assertThat(client.events()).isEmpty();

    RecordedSpan server = spans.get(2);
    assertThat(server.name()).isEqualTo("GET /");
    assertThat(server.parentId()).isEqualTo(client.spanId());
    assertThat(server.tags()).containsEntry("span.kind", "server").doesNotContainKey("error");
    assertThat(server.resource()).containsEntry("service.name", "dice");

    RecordedSpan method = spans.get(3);
    assertThat(method.name()).isEqualTo("Dice.roll");
    assertThat(method.parentId()).isEqualTo(server.spanId());
    assertThat(method.resource()).containsEntry("service.name", "dice");
    assertThat(root.tags())
        .containsEntry("dice.value", method.tags().get("dice.value"))
        .doesNotContainEntry("dice.value", null);
  }

  @Test
  void aFailureIsAnErrorOfBothServices() throws IOException {
    List<RecordedSpan> spans = awaitTrace("/fail", "500", 3);

    assertThat(spans.get(0).name()).isEqualTo("Player.fail");
    RecordedSpan client = spans.get(1);
    assertThat(client.name()).isEqualTo("GET");
    assertThat(client.parentId()).isEqualTo(spans.get(0).spanId());
    assertThat(withoutScopeVersion(client.tags()))
        .containsExactlyInAnyOrderEntriesOf(failed(clientTags("/fail", 500), 500));

    RecordedSpan server = spans.get(2);
    assertThat(server.name()).isEqualTo("GET /fail");
    assertThat(server.parentId()).isEqualTo(client.spanId());
    assertThat(server.resource()).containsEntry("service.name", "dice");
    assertThat(server.tags())
        .containsEntry("span.kind", "server")
        .containsEntry("error", true)
        .containsEntry("error.type", "500");
  }

  @Test
  void aMissingPageIsAnErrorOfItsCallerOnly() throws IOException {
    List<RecordedSpan> spans = awaitTrace("/missing", "404", 3);

    assertThat(spans.get(0).name()).isEqualTo("Player.miss");
    assertThat(withoutScopeVersion(spans.get(1).tags()))
        .containsExactlyInAnyOrderEntriesOf(failed(clientTags("/missing", 404), 404));
    assertThat(spans.get(2).name()).isEqualTo("GET");
    assertThat(spans.get(2).tags()).doesNotContainKey("error");
  }

  @Test
  void theResourceSaysWhichProcessCalled() throws IOException {
    assertThat(awaitTrace("/", "200", 4).get(0).resource())
        .containsEntry("service.name", "player")
        .containsEntry("service.version", "1.2.3")
        .containsEntry("deployment.environment.name", "local")
        .containsEntry("process.pid", player.pid())
        .containsKeys("service.instance.id", "host.name", "telemetry.distro.version")
        .doesNotContainKeys("process.command_args", "process.command_line");
  }

  @Test
  void jaegerKnowsThatThePlayerCallsDice() {
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              JsonNode links =
                  Http.json(
                          jaeger.url()
                              + "/api/dependencies?lookback=3600000&endTs="
                              + Instant.now().toEpochMilli())
                      .path("data");
              assertThat(links)
                  .singleElement()
                  .satisfies(
                      link -> {
                        assertThat(link.path("parent").asText()).isEqualTo("player");
                        assertThat(link.path("child").asText()).isEqualTo("dice");
                        assertThat(link.path("callCount").asLong()).isPositive();
                      });
            });
  }

  @Test
  void theAgentHasNothingToComplainOf() throws IOException {
    awaitTrace("/", "200", 4);

    assertThat(player.logText().lines())
        .contains("Rolling 10 times a second at " + ports.url(Port.DICE))
        .noneMatch(line -> line.matches("\\[otel\\.javaagent .* (WARN|ERROR) .*"));
  }

  /** Waits for a trace whose second span is a call of a page, and returns its spans. */
  private List<RecordedSpan> awaitTrace(String path, String status, int spans) {
    String wanted = "%s answers %s: %d spans".formatted(ports.url(Port.DICE) + path, status, spans);
    List<RecordedSpan> trace = new ArrayList<>();
    await("a trace of " + path)
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              Set<String> seen = new TreeSet<>();
              for (FoundTrace candidate : jaeger.api().traces("player", began)) {
                List<RecordedSpan> found = RecordedSpan.ofTrace(jaeger, candidate.id());
                seen.add(summary(found));
                if (seen.contains(wanted)) {
                  trace.addAll(found);
                  break;
                }
              }
              assertThat(seen).contains(wanted);
            });
    return trace;
  }

  private static String summary(List<RecordedSpan> trace) {
    if (trace.size() < 2) {
      return "no call yet";
    }
    Map<String, Object> tags = trace.get(1).tags();
    return "%s answers %s: %d spans"
        .formatted(tags.get("url.full"), tags.get("http.response.status_code"), trace.size());
  }

  private Map<String, Object> clientTags(String path, long status) {
    Map<String, Object> tags = new TreeMap<>();
    tags.put("span.kind", "client");
    tags.put("http.request.method", "GET");
    tags.put("http.response.status_code", status);
    tags.put("url.full", ports.url(Port.DICE) + path);
    tags.put("server.address", "127.0.0.1");
    tags.put("server.port", (long) ports.of(Port.DICE));
    tags.put("network.protocol.version", "1.1");
    tags.put("otel.scope.name", "io.opentelemetry.java-http-client");
    return tags;
  }

  private static Map<String, Object> failed(Map<String, Object> tags, long status) {
    tags.put("error", true);
    tags.put("otel.status_code", "ERROR");
    tags.put("error.type", String.valueOf(status));
    return tags;
  }

  /** Returns the tags without the agent's version, which only pom.xml holds. */
  private static Map<String, Object> withoutScopeVersion(Map<String, Object> tags) {
    Map<String, Object> rest = new TreeMap<>(tags);
    assertThat(rest.remove("otel.scope.version")).isNotNull();
    return rest;
  }
}
