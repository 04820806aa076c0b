package lapalma.e2e.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.TraceContext;
import lapalma.stack.DiceProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.api.Exposition;
import lapalma.stack.api.FoundTrace;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Edits Jaeger's sampling file while everything runs: the agent follows without a restart. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SamplingIT {
  /** Jaeger and the agent take a second each to see an edit; the rest is for a busy machine. */
  private static final Duration FOLLOWED = Duration.ofSeconds(30);

  private static final int REQUESTS = 5;

  private final Project project = SharedStack.project();
  private final Path folder = SharedStack.newFolder("sampling");
  private final Path file = folder.resolve("sampling.json");
  @AutoClose private final Closer closer = new Closer();
  private Jaeger jaeger;
  private DiceProcess dice;

  @BeforeAll
  void start() throws IOException {
    Ports ports = FreePorts.forAll();
    Files.writeString(file, asShipped());
    jaeger =
        closer.register(
            Jaeger.start(project, ports, folder, Map.of("JAEGER_SAMPLING_FILE", file.toString())));
    dice = closer.register(DiceProcess.startAttached(project, ports, folder, Map.of()));
  }

  @BeforeEach
  void beginAsShipped() throws IOException {
    Files.writeString(file, asShipped());
    awaitTraces(Map.of("GET /", REQUESTS, "GET /fail", REQUESTS));
  }

  @Test
  void theRateOfARouteIsFollowedDownAndUpAgain() throws Exception {
    edit("\"GET /\", \"type\": \"probabilistic\", \"param\": 1.0", "1.0", "0.0");
    awaitTraces(Map.of("GET /fail", REQUESTS));

    Files.writeString(file, asShipped());
    awaitTraces(Map.of("GET /", REQUESTS, "GET /fail", REQUESTS));
  }

  @Test
  void theRateOfTheServiceHoldsForAllOtherRoutes() throws Exception {
    edit("\"type\": \"probabilistic\",\n      \"param\": 1.0", "1.0", "0.0");

    awaitTraces(Map.of("GET /", REQUESTS));
  }

  /** The extension decides before a span is made, and the SDK again where there is one. */
  @Test
  void aShareIsSampledOnceAndNotTwice() throws Exception {
    String place = "\"GET /\", \"type\": \"probabilistic\", \"param\": 1.0";
    edit(place, "1.0", "0.25");
    awaitStrategy("GET /=0.25");
    double droppedBefore = spansThatTheSdkDropped();

    int requests = 1200;
    Map<String, Integer> kept = newTraces(jaeger, dice, requests, "/");

    // 300, and five standard deviations of 15. A quarter of a quarter would be 75.
    assertThat(kept.get("GET /")).isBetween(225, 375);
    assertThat(spansThatTheSdkDropped()).isEqualTo(droppedBefore);
  }

  /** Among other rules only the SDK decides, because a rule above may sample more. */
  @Test
  void amongRulesOfUpstreamItCutsNoneShort() throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("otel.yaml"),
            amongRules(Files.readString(project.attach().resolve("otel.yaml"))));
    Files.writeString(file, asShipped().replace("1.0", "0.0"));
    Ports ports = FreePorts.forAll();
    Map<String, String> environment =
        Map.of(
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", jaeger.ports().url(Port.OTLP) + "/v1/traces",
            "JAEGER_SAMPLING_ENDPOINT", jaeger.ports().url(Port.JAEGER_SAMPLING) + "/api/sampling");

    try (DiceProcess other =
        DiceProcess.startAttached(
            project, ports, folder, List.of("-Dotel.config.file=" + config), environment)) {
      await()
          .atMost(FOLLOWED)
          .untilAsserted(
              () ->
                  assertThat(newTraces(jaeger, other, REQUESTS, "/", "/fail"))
                      .isEqualTo(Map.of("GET /fail", REQUESTS)));
    }
  }

  private static String amongRules(String otelYaml) {
    int begin = otelYaml.indexOf("    jaeger_by_route:\n");
    int end = otelYaml.indexOf("\nlogger_provider:");
    String rules =
        """
            composite/development:
              rule_based:
                rules:
                  - attribute_values: { key: url.path, values: [/fail] }
                    sampler: { always_on: {} }
                  - sampler:
                      parent_threshold:
                        root:
        """;
    return otelYaml.substring(0, begin)
        + rules
        + otelYaml.substring(begin, end).indent(14)
        + otelYaml.substring(end);
  }

  @Test
  void aBrokenFileChangesNothing() throws Exception {
    edit("\"GET /\", \"type\": \"probabilistic\", \"param\": 1.0", "1.0", "0.0");
    awaitTraces(Map.of("GET /fail", REQUESTS));

    Files.writeString(file, "{");

    await()
        .atMost(FOLLOWED)
        .untilAsserted(
            () ->
                assertThat(jaeger.process().logText())
                    .contains("failed to update sampling strategies"));
    assertThat(traces()).isEqualTo(Map.of("GET /fail", REQUESTS));
  }

  @Test
  void theRateLimitOfProductionBoundsWhatReachesJaeger() throws Exception {
    int perSecond = 20;
    Files.copy(
        project.root().resolve("jaeger/sampling-public.json"),
        file,
        StandardCopyOption.REPLACE_EXISTING);
    awaitStrategy("tracesPerSecond=OptionalInt[" + perSecond + "]");

    Instant began = Instant.now();
    int requests = 400;
    Map<String, Integer> kept = newTraces(jaeger, dice, requests, "/", "/fail");
    long seconds = Duration.between(began, Instant.now()).toSeconds() + 1;

    assertThat(kept.values().stream().mapToInt(Integer::intValue).sum())
        .as("of %d requests in at most %d s", 2 * requests, seconds)
        .isBetween(1, (int) (perSecond + perSecond * seconds));
  }

  /** Waits until the agent says that it follows a strategy with this text in it. */
  private void awaitStrategy(String text) {
    await()
        .atMost(FOLLOWED)
        .untilAsserted(
            () ->
                assertThat(dice.process().logText().lines().reduce("", (a, b) -> last(a, b)))
                    .contains(text));
  }

  private double spansThatTheSdkDropped() throws IOException {
    return Exposition.sum(
        dice.ports().url(Port.AGENT_METRICS), "otel_sdk_span_started_total", "\"DROP\"");
  }

  /**
   * Returns the newer line if the agent says in it which strategy it follows, else the earlier one.
   */
  private static String last(String earlier, String line) {
    return line.contains("Jaeger now asks for") ? line : earlier;
  }

  private String asShipped() throws IOException {
    return Files.readString(project.root().resolve("jaeger/sampling.json"));
  }

  /** Writes the shipped file with {@code from} replaced inside the one {@code place}. */
  private void edit(String place, String from, String to) throws IOException {
    String shipped = asShipped();
    assertThat(shipped).containsOnlyOnce(place);
    Files.writeString(file, shipped.replace(place, place.replace(from, to)));
  }

  private void awaitTraces(Map<String, Integer> expected) {
    await().atMost(FOLLOWED).untilAsserted(() -> assertThat(traces()).isEqualTo(expected));
  }

  private Map<String, Integer> traces() throws IOException {
    return newTraces(jaeger, dice, REQUESTS, "/", "/fail");
  }

  /**
   * Sends {@code times} requests without a caller for each path, on which the sampler decides, and
   * counts their traces in Jaeger, by the name of the request's span. Those that are kept although
   * the sampler has dropped them do not count.
   */
  private static Map<String, Integer> newTraces(
      Jaeger jaeger, DiceProcess dice, int times, String... paths) throws IOException {
    Instant began = Instant.now();
    for (int i = 0; i < times; i++) {
      for (String path : paths) {
        dice.get(path);
      }
    }
    // The sampler follows a sampled caller at any rate. Spans leave in the order in which they
    // end: once this one is there, no earlier one is still to come.
    var last = TraceContext.random();
    last.get(dice.url() + "/");
    await("the last request's trace " + last.traceId())
        .atMost(FOLLOWED)
        .untilAsserted(() -> assertThat(jaeger.api().trace(last.traceId())).isNotEmpty());

    Set<String> others = new HashSet<>(Set.of(last.traceId()));
    for (String reason : List.of("error", "slow")) {
      others.addAll(jaeger.api().traceIds("dice", "sampling.reason", reason));
    }
    Map<String, Integer> counts = new TreeMap<>();
    for (FoundTrace trace : jaeger.api().traces("dice", began)) {
      if (!others.contains(trace.id())) {
        counts.merge(trace.rootName(), 1, Integer::sum);
      }
    }
    return counts;
  }
}
