package lapalma.e2e.agent;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import lapalma.e2e.agent.HostileRequests.Request;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.Jcmd;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.TraceContext;
import lapalma.stack.DiceProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.api.Exposition;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Limits what requests cost that no client should send. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileRequestsIT {
  private static final long SEED = 20_261_126;
  private static final int REQUESTS = 2000;
  private static final int WARM_UP = 300;
  private static final Duration ARRIVES = Duration.ofSeconds(60);
  private static final int READ_TIMEOUT_MILLIS = 30_000;

  private static final String METHODS = "CONNECT|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT|TRACE";
  private static final String ROUTES = "/|/fail|/health|/metrics";
  private static final String STATUSES = "200|400|404|405|500";
  private static final int MIB = 1 << 20;

  private final Project project = SharedStack.project();
  private final Ports ports = FreePorts.forAll();
  private final Path folder = SharedStack.newFolder("hostile");
  @AutoClose private final Closer closer = new Closer();
  private Jaeger jaeger;
  private DiceProcess dice;

  @BeforeAll
  void start() {
    jaeger = closer.register(Jaeger.start(project, ports, folder));
    dice = closer.register(DiceProcess.startAttached(project, ports, folder, Map.of()));
  }

  @Test
  void twoThousandHostileRequestsAreAnsweredOrRefusedAndCostLittle() throws Exception {
    send(HostileRequests.of(SEED + 1, WARM_UP));
    double heapBefore = heapAfterGc();
    double rollsBefore = rolls();
    double failuresBefore = failures();
    long logBefore = logBytes();
    List<Request> requests = HostileRequests.of(SEED, REQUESTS);

    List<String> unexpected = send(requests);

    assertThat(unexpected).isEmpty();
    long logged = logBytes() - logBefore;
    double asMuchAsPlainRequestsLog =
        (rolls() - rollsBefore) * logOf("GET / HTTP/1.1\r\nHost: dice\r\n\r\n", "200")
            + (failures() - failuresBefore)
                * logOf("GET /fail HTTP/1.1\r\nHost: dice\r\n\r\n", "500");
    long sent = requests.stream().mapToLong(request -> request.text().length()).sum();
    double heapAfter = heapAfterGc();
    System.out.printf(
        "%d hostile requests of %d bytes: %d bytes logged, %.0f by as many plain ones; heap after GC %.1f MiB, %.1f before%n",
        REQUESTS, sent, logged, asMuchAsPlainRequestsLog, heapAfter / MIB, heapBefore / MIB);
    assertThat((double) logged).isLessThan(1.25 * asMuchAsPlainRequestsLog);
    assertThat(heapBefore).isPositive();
    assertThat(heapAfter - heapBefore).isLessThan(16 * MIB);
    assertThat(labelSets(Port.DICE, "http_request_duration_seconds_count"))
        .isNotEmpty()
        .allMatch(
            matching(
                "app=\"dice-api\",method=\"(%s|_OTHER)\",route=\"(%s|none)\",status=\"(%s)\",?"
                    .formatted(METHODS, ROUTES, STATUSES)));
    assertThat(labelSets(Port.AGENT_METRICS, "http_server_request_duration_seconds_count"))
        .isNotEmpty()
        .allMatch(
            matching(
                "(error_type=\"500\",)?http_request_method=\"(%s|_OTHER)\",http_response_status_code=\"(%s)\"(,http_route=\"(%s)\")?(,otel_scope_.*)?"
                    .formatted(METHODS, STATUSES, ROUTES)));
    assertThat(spanNames())
        .contains("GET /", "GET /fail", "Dice.roll")
        .allMatch(matching("(%s|HTTP)( (%s))?|Dice\\.roll".formatted(METHODS, ROUTES)));
    assertThat(dice.get("/").statusCode()).isEqualTo(200);
  }

  @Test
  void noHeaderMakesTheAppLogMoreThanItSent() throws Exception {
    List<String> headers =
        List.of(
            "baggage: " + "a=%z,".repeat(1600),
            "baggage: a=%z\r\n".repeat(99).strip(),
            "baggage: " + "=".repeat(8000),
            "traceparent: " + "0".repeat(8000),
            "traceparent: 00-00-00-00\r\n".repeat(99).strip(),
            "tracestate: " + "a=b,".repeat(2000),
            "tracestate: ot=th:" + "z".repeat(8000),
            "traceparent: "
                + TraceContext.random().traceparent()
                + "\r\ntracestate: "
                + ",".repeat(8000),
            "Accept: " + ";".repeat(8000),
            "Cookie: " + "a=\"b; ".repeat(150),
            "Host: " + "[".repeat(8000),
            "User-Agent: " + "\u00ff".repeat(8000),
            "X-Forwarded-For: " + "%".repeat(8000),
            "Forwarded: " + "for=\";".repeat(1300),
            "Content-Type: " + "text/".repeat(1600),
            "Range: bytes=" + "0-,".repeat(2600));
    for (String header : headers) {
      for (String path : List.of("/health", "/metrics")) {
        String request = "GET %s HTTP/1.1\r\nHost: dice\r\n%s\r\n\r\n".formatted(path, header);

        // The app logs nothing about such requests.
        assertThat(logOf(request, header.startsWith("Host: ") ? "400" : "200"))
            .as(request.substring(0, 60))
            .isLessThan(request.length());
      }
    }
  }

  /** The two settings that agent-config/README.md gives for apps that use baggage. */
  @Test
  void baggageThatIsPutBackAsDocumentedFloodsNoLogEither() throws Exception {
    String readme = Files.readString(project.root().resolve("agent-config/README.md"));
    String[] blocks = readme.split("## Baggage")[1].split("\n## ")[0].split("```\n");
    assertThat(blocks[1]).startsWith("propagator:\n").contains("baggage: {}");
    Ports others = FreePorts.forAll();
    Path otherFolder = SharedStack.newFolder("hostile-baggage");
    Path config =
        SharedStack.otelYaml(
            otherFolder,
            "  composite: [{ tracecontext: {} }]\n",
            blocks[1].substring("propagator:\n".length()));

    try (DiceProcess other =
        DiceProcess.startAttached(
            project,
            others,
            otherFolder,
            List.of("-Dotel.config.file=" + config, blocks[3].strip()),
            Map.of())) {
      Path log = other.process().log();
      long before = Files.size(log);

      String request =
          "GET /health HTTP/1.1\r\nHost: dice\r\nbaggage: " + "a=%z,".repeat(1600) + "\r\n\r\n";
      assertThat(outcome(others.of(Port.DICE), request)).isEqualTo("200");

      assertThat(Files.size(log) - before).isLessThan(8000);
    }
  }

  /** Sends each request on its own connection; returns those with another outcome than expected. */
  private List<String> send(List<Request> requests) throws Exception {
    List<Callable<String>> sends = new ArrayList<>();
    for (Request request : requests) {
      sends.add(() -> outcome(ports.of(Port.DICE), request.text()));
    }
    // Not the common pool, in which requests that wait would hold up others.
    var threads = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      List<Future<String>> outcomes = threads.invokeAll(sends);
      List<String> unexpected = new ArrayList<>();
      for (int i = 0; i < requests.size(); i++) {
        String outcome = outcomes.get(i).get();
        if (!requests.get(i).expected().isMetBy(outcome)) {
          unexpected.add(outcome + " for " + requests.get(i));
        }
      }
      return unexpected;
    } finally {
      threads.shutdownNow();
    }
  }

  /** Returns the status of the first answer, "closed" without an answer, or what else happened. */
  private static String outcome(int port, String request) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(READ_TIMEOUT_MILLIS);
      try {
        socket.getOutputStream().write(request.getBytes(ISO_8859_1));
        socket.shutdownOutput();
      } catch (IOException e) {
        // The server refused the request before its end, and may have answered.
      }
      String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
      if (answer.startsWith("HTTP/1.1 100 ")) {
        answer = answer.substring(answer.indexOf("\r\n\r\n") + 4);
      }
      return answer.isEmpty()
          ? HostileRequests.CLOSED
          : answer.replaceFirst("(?s)^HTTP/1\\.[01] ([0-9]{3}) .*", "$1");
    } catch (SocketTimeoutException e) {
      return "neither answered nor closed";
    } catch (IOException e) {
      return HostileRequests.CLOSED;
    }
  }

  /** Returns the bytes that the app logs for a request that it answers with a status. */
  private long logOf(String request, String status) throws IOException {
    long before = logBytes();
    assertThat(outcome(ports.of(Port.DICE), request)).as(request).isEqualTo(status);
    return logBytes() - before;
  }

  private long logBytes() throws IOException {
    return Files.size(dice.process().log());
  }

  private double rolls() throws IOException {
    return Exposition.sum(ports.url(Port.DICE), "dice_rolls_total");
  }

  private double failures() throws IOException {
    return Exposition.sum(
        ports.url(Port.DICE), "http_request_duration_seconds_count", "status=\"500\"");
  }

  private double heapAfterGc() throws Exception {
    Jcmd.collectGarbage(dice.process());
    return Exposition.sum(
        ports.url(Port.AGENT_METRICS),
        "jvm_memory_used_after_last_gc_bytes",
        "jvm_memory_type=\"heap\"");
  }

  private List<String> labelSets(Port port, String metric) throws IOException {
    return Http.get(ports.url(port) + "/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(metric + "{"))
        .map(line -> line.substring(line.indexOf('{') + 1, line.lastIndexOf('}')))
        .toList();
  }

  private Set<String> spanNames() throws Exception {
    var last = TraceContext.random();
    last.get(dice.url() + "/");
    // Spans go out in the order in which they end.
    await()
        .atMost(ARRIVES)
        .untilAsserted(() -> assertThat(jaeger.api().trace(last.traceId())).isNotEmpty());
    TreeSet<String> names = new TreeSet<>();
    for (JsonNode operation :
        Http.json(jaeger.url() + "/api/v3/operations?service=dice").path("operations")) {
      names.add(operation.path("name").asText());
    }
    return names;
  }

  private static Predicate<String> matching(String pattern) {
    return Pattern.compile(pattern).asMatchPredicate();
  }
}
