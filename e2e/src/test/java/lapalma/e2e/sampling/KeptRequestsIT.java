package lapalma.e2e.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.RecordedSpan;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.TraceContext;
import lapalma.stack.DiceProcess;
import lapalma.stack.FaultCommand;
import lapalma.stack.Jaeger;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.api.Exposition;
import lapalma.stack.api.FoundTrace;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Samples one request in ten, plants failures and slow requests among them, and looks for all of
 * these in Jaeger. {@code -Dkept.requests=20000} sends more.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeptRequestsIT {
  private static final int REQUESTS = Integer.getInteger("kept.requests", 4000);
  private static final double RATE = 0.1;

  /** So many that a search lists the traces of a round, which are at most 1,000. */
  private static final int MOST_OF_A_ROUND = 4000;

  private static final int REQUESTS_FOR_A_FAILURE = 100;
  private static final int REQUESTS_FOR_A_SLOW_ONE = 200;

  /** With eight clients and a fault of 400 ms, fewer than 100 a second are kept. */
  private static final int CLIENTS = 8;

  private static final int PER_SECOND = 1000;
  private static final Duration FAULT = Duration.ofMillis(400);

  private static final Duration ARRIVES = Duration.ofSeconds(60);

  /** By how much the clocks of a request's client and of its span may differ. */
  private static final Duration CLOCKS = Duration.ofMillis(5);

  private static final String REASON = "sampling.reason";
  private static final String STATE = "w3c.tracestate";
  private static final String CLIENT = "user_agent.original";
  private static final Pattern BUCKET =
      Pattern.compile(".*le=\"([^\"]+)\"} (\\S+)(?: # \\{.*trace_id=\"([0-9a-f]{32})\".*)?");
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A request that was answered.
   *
   * @param client its user agent, by which its span is known
   */
  private record Request(String path, String client, Instant sent, Instant answered) {}

  /** The IDs on a log line. */
  private record Ids(String traceId, String spanId) {}

  private final Project project = SharedStack.project();
  private final Ports ports = FreePorts.forAll();
  private final Path folder = SharedStack.newFolder("kept-requests");
  private final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
  @AutoClose private final Closer closer = new Closer();
  private Jaeger jaeger;
  private DiceProcess dice;

  private final Map<String, Request> requests = new HashMap<>();
  private List<Ids> failed;
  private final List<Ids> slow = new ArrayList<>();

  /** The traces in Jaeger that began with a roll. */
  private final Set<String> foundRolls = new HashSet<>();

  private int rollsWithACaller;

  private String metrics;

  /** Traces whose caller is sampled, by the path of the request. */
  private final Map<String, TraceContext> called = new HashMap<>();

  private final TraceContext unsampled = TraceContext.random();

  @BeforeAll
  void send() throws Exception {
    closer.register(clients::shutdownNow);
    Path sampling = folder.resolve("sampling.json");
    Files.writeString(
        sampling,
        Files.readString(project.root().resolve("jaeger/sampling.json")).replace("1.0", "" + RATE));
    jaeger =
        closer.register(
            Jaeger.start(
                project, ports, folder, Map.of("JAEGER_SAMPLING_FILE", sampling.toString())));
    dice = closer.register(DiceProcess.startAttached(project, ports, folder, Map.of()));
    dice.process().awaitLogged("GET /=" + RATE, ARRIVES);

    Instant began = Instant.now();
    for (int left = REQUESTS; left > 0; left -= MOST_OF_A_ROUND) {
      sendRound(Math.min(left, MOST_OF_A_ROUND));
    }
    System.out.printf("%d requests took %s%n", REQUESTS, Duration.between(began, Instant.now()));
    failed = ids("Request failed");
    metrics =
        Http.body(
            Http.send(
                HttpRequest.newBuilder(URI.create(ports.url(Port.AGENT_METRICS) + "/metrics"))
                    .header("accept", "application/openmetrics-text")));

    unsampled.getUnsampled(dice.url() + "/fail");
    for (String path : List.of("/fail", "/")) {
      called.put(path, TraceContext.random());
      called.get(path).get(dice.url() + path);
    }
    rollsWithACaller++;
    awaitTrace(called.get("/"));
  }

  private void sendRound(int count) throws Exception {
    Instant began = Instant.now();
    List<Future<Request>> sent = new ArrayList<>();
    int slowOnes = count / REQUESTS_FOR_A_SLOW_ONE;
    for (int i = 1; i <= count - slowOnes; i++) {
      String path = i % REQUESTS_FOR_A_FAILURE == 0 ? "/fail" : "/";
      sent.add(clients.submit(() -> send(path)));
      LockSupport.parkNanos(
          Duration.between(Instant.now(), began.plusNanos(i * 1_000_000_000L / PER_SECOND))
              .toNanos());
    }
    collect(sent);

    int fastRolls = ids("Dice rolled").size();
    ProcessHandle jvm = ProcessHandle.of(dice.process().pid()).orElseThrow();
    FaultCommand.inject(project.root(), jvm, "slow");
    for (int i = 0; i < slowOnes; i++) {
      sent.add(clients.submit(() -> send("/")));
    }
    collect(sent);
    FaultCommand.inject(project.root(), jvm, "none");
    List<Ids> rolls = ids("Dice rolled");
    slow.addAll(rolls.subList(fastRolls, rolls.size()));

    // Spans leave in the order in which they end.
    var last = TraceContext.random();
    last.get(dice.url() + "/");
    awaitTrace(last);
    for (FoundTrace trace : jaeger.api().traces("dice", began)) {
      if (trace.rootName().equals("GET /") && !trace.id().equals(last.traceId())) {
        foundRolls.add(trace.id());
      }
    }
    rollsWithACaller++;
  }

  private Request send(String path) throws IOException {
    String client = TraceContext.random().spanId();
    Instant now = Instant.now();
    int status =
        Http.send(
                HttpRequest.newBuilder(URI.create(dice.url() + path)).header("user-agent", client))
            .statusCode();
    assertThat(status).isEqualTo(path.equals("/fail") ? 500 : 200);
    return new Request(path, client, now, Instant.now());
  }

  private void collect(List<Future<Request>> sent) throws Exception {
    for (Future<Request> one : sent) {
      Request request = one.get();
      requests.put(request.client(), request);
    }
    sent.clear();
  }

  private void awaitTrace(TraceContext context) {
    await("trace " + context.traceId())
        .atMost(ARRIVES)
        .untilAsserted(() -> assertThat(spans(context.traceId())).isNotEmpty());
  }

  private List<RecordedSpan> spans(String traceId) throws IOException {
    return RecordedSpan.ofTrace(jaeger, traceId);
  }

  /** Returns the IDs on the log lines with a message, in the order of the lines. */
  private List<Ids> ids(String message) throws IOException {
    List<Ids> ids = new ArrayList<>();
    for (String line : dice.process().logText().lines().toList()) {
      if (line.startsWith("{")) {
        JsonNode event = JSON.readTree(line);
        if (event.path("message").asText().equals(message)) {
          ids.add(new Ids(event.path("trace_id").asText(), event.path("span_id").asText()));
        }
      }
    }
    return ids;
  }

  @Test
  void everyFailedRequestHasItsSpan() throws IOException {
    assertThat(requests.values())
        .filteredOn(request -> request.path().equals("/fail"))
        .hasSameSizeAs(failed);

    List<RecordedSpan> kept = assertThatAllAreFound(failed, "error", "/fail");

    assertThat(kept).isNotEmpty();
    assertThat(jaeger.api().traceIds("dice", REASON, "error")).hasSize(kept.size());
  }

  @Test
  void everySlowRequestHasItsSpan() throws IOException {
    assertThat(slow).hasSize(REQUESTS / REQUESTS_FOR_A_SLOW_ONE);

    List<RecordedSpan> kept = assertThatAllAreFound(slow, "slow", "/");

    for (RecordedSpan span : kept) {
      Request request = requestOf(span);
      assertThat(span.duration()).isGreaterThanOrEqualTo(FAULT);
      assertThat(span.start())
          .isBetween(request.sent().minus(CLOCKS), request.answered().minus(FAULT).plus(CLOCKS));
    }
  }

  /**
   * Asserts that the request of each log line has a span with its IDs.
   *
   * @return the spans of those that were not sampled
   */
  private List<RecordedSpan> assertThatAllAreFound(List<Ids> lines, String reason, String path)
      throws IOException {
    List<RecordedSpan> byCaller = spans(called.get(path).traceId());
    List<RecordedSpan> kept = new ArrayList<>();
    for (Ids line : lines) {
      List<RecordedSpan> spans = spans(line.traceId());
      assertThat(spans).as("spans of %s", line).isNotEmpty();
      RecordedSpan server = spans.get(0);
      assertThat(server.spanId()).isEqualTo(line.spanId());
      assertThat(server.parentId()).isEmpty();
      assertThat(server.name()).isEqualTo("GET " + path);
      assertThat(requestOf(server).path()).isEqualTo(path);
      assertThat(comparable(server.tags())).isEqualTo(comparable(byCaller.get(0).tags()));
      assertThat(comparable(server.events())).isEqualTo(comparable(byCaller.get(0).events()));
      assertThat(server.resource()).isEqualTo(byCaller.get(0).resource());
      if (server.tags().containsKey(STATE)) {
        assertThat(server.tags()).doesNotContainKey(REASON);
        assertThat(spans).hasSameSizeAs(byCaller);
      } else {
        assertThat(server.tags()).containsEntry(REASON, reason);
        assertThat(spans).hasSize(1);
        kept.add(server);
      }
    }
    System.out.printf("%s: %d, of which %d were not sampled%n", path, lines.size(), kept.size());
    return kept;
  }

  private Request requestOf(RecordedSpan span) {
    Request request = requests.get((String) span.tags().get(CLIENT));
    assertThat(request).as("the request of %s", span).isNotNull();
    assertThat(span.start()).isBetween(request.sent().minus(CLOCKS), request.answered());
    return request;
  }

  /** Returns the tags that are the same for each request of a path, sampled or not. */
  private static Map<String, Object> comparable(Map<String, Object> tags) {
    Map<String, Object> comparable = new TreeMap<>(tags);
    assertThat(comparable).containsKeys(CLIENT, "network.peer.port");
    comparable.keySet().removeAll(Set.of(CLIENT, "network.peer.port", REASON, STATE));
    return comparable;
  }

  private static List<Map<String, Object>> comparable(List<Map<String, Object>> events) {
    List<Map<String, Object>> comparable = new ArrayList<>();
    for (Map<String, Object> event : events) {
      Map<String, Object> one = new TreeMap<>(event);
      // The frames below the handler may be others.
      one.computeIfPresent(
          "exception.stacktrace",
          (key, trace) -> trace.toString().lines().limit(2).collect(Collectors.joining()));
      comparable.add(one);
    }
    return comparable;
  }

  @Test
  void ofTheGoodRequestsAShareIsSampled() throws IOException {
    int sampled = sampledRolls().size();

    int rolls = REQUESTS - failed.size();
    double deviation = Math.sqrt(rolls * RATE * (1 - RATE));
    System.out.printf("%d of %d rolls were sampled%n", sampled, rolls);
    assertThat((double) sampled)
        .isBetween(rolls * RATE - 6 * deviation, rolls * RATE + 6 * deviation);
  }

  /** Returns the traces of rolls that were sampled by chance. */
  private Set<String> sampledRolls() throws IOException {
    Set<String> sampled = new HashSet<>(foundRolls);
    List<String> kept = jaeger.api().traceIds("dice", REASON, "slow");
    sampled.removeAll(kept);
    Set<String> planted = slow.stream().map(Ids::traceId).collect(Collectors.toSet());
    for (String traceId : kept) {
      if (!planted.contains(traceId)) {
        // On a busy machine others are slow too.
        assertThat(spans(traceId).get(0).duration()).isGreaterThan(Duration.ofMillis(100));
      }
    }
    return sampled;
  }

  @Test
  void theExemplarOfEachBucketWithFailedOrSlowRequestsOpens() throws IOException {
    List<String> opened = new ArrayList<>();
    for (String status : List.of("200", "500")) {
      double before = 0;
      for (String line : bucketsOf(status)) {
        Matcher bucket = BUCKET.matcher(line);
        assertThat(bucket.matches()).as(line).isTrue();
        double count = Double.parseDouble(bucket.group(2));
        boolean isSlow =
            bucket.group(1).equals("+Inf") || Double.parseDouble(bucket.group(1)) > 0.1;
        if (count > before && (isSlow || status.equals("500"))) {
          assertThat(bucket.group(3)).as(line).isNotNull();
          assertThat(spans(bucket.group(3))).as(line).isNotEmpty();
          opened.add(line);
        }
        before = count;
      }
    }
    assertThat(opened)
        .anyMatch(line -> line.contains("\"500\""))
        .anyMatch(line -> line.contains("\"200\""));
  }

  private List<String> bucketsOf(String status) {
    return metrics
        .lines()
        .filter(line -> line.startsWith("http_server_request_duration_seconds_bucket{"))
        .filter(line -> line.contains("http_response_status_code=\"%s\"".formatted(status)))
        .filter(line -> !line.contains("/health"))
        .toList();
  }

  /** Jaeger 2.20 counts a sampled request ten times, Jaeger 2.13 once. */
  @Test
  void theSpanMetricsCountOnlyTheSampledOnes() throws IOException {
    Set<String> rolls = sampledRolls();
    Set<String> failures = new HashSet<>();
    for (Ids line : failed) {
      if (spans(line.traceId()).get(0).tags().containsKey(STATE)) {
        failures.add(line.traceId());
      }
    }

    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              double weight = calls("GET /") > 2 * rolls.size() ? 1 / RATE : 1;
              assertThat(calls("GET /")).isEqualTo(weight * rolls.size() + rollsWithACaller);
              assertThat(calls("GET /fail")).isEqualTo(weight * failures.size() + 1);
            });
    System.out.printf(
        "spanmetrics: %s of GET /, %s of GET /fail%n", calls("GET /"), calls("GET /fail"));
  }

  private double calls(String name) throws IOException {
    return Exposition.sum(
        ports.url(Port.JAEGER_SPAN_METRICS),
        "traces_span_metrics_calls_total",
        "span_name=\"%s\"".formatted(name));
  }

  @Test
  void aCallerThatIsNotSampledIsFollowed() throws IOException {
    assertThat(ids("Request failed")).extracting(Ids::traceId).contains(unsampled.traceId());
    assertThat(spans(unsampled.traceId())).isEmpty();
  }
}
