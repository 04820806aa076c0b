package lapalma.stack;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * {@code make up}: runs the dice server under the agent with Jaeger and Prometheus, shows what
 * arrived, and goes on until it is stopped.
 *
 * <p>Exit code 1, with a sentence, when a port is taken, a part cannot start, or a part ends.
 */
public final class Up {
  private static final String JAEGER_OVERLAY = "JAEGER_OVERLAY";
  private static final int ROLLS = 6;
  private static final Duration ARRIVES = Duration.ofSeconds(60);
  private static final Duration A_DAY = Duration.ofDays(1);

  private final Project project;
  private final Ports ports;
  private final Path data;
  // The data of earlier runs is still there: the report is about this one.
  private final Instant since = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final Deque<Part> running = new ArrayDeque<>();

  /** Whether something laid over Jaeger's configuration may drop traces. */
  private final boolean thinned = overlays().length > 0;

  private boolean stopping;

  private Up(Project project, Ports ports, Path data) {
    this.project = project;
    this.ports = ports;
    this.data = data;
  }

  public static void main(String[] args) {
    try {
      Path root = Path.of("").toAbsolutePath();
      Ports ports = Ports.from(System.getenv());
      requireUiFolder(System.getenv("JAEGER_UI"));
      requireOverlay();
      ports.requireFree();
      // A second stack beside the first has another port, and so data of its own.
      Path data = root.resolve(".run/up-" + ports.of(Port.DICE));
      Files.createDirectories(data);
      new Up(Project.at(root), ports, data).run();
    } catch (StackException | IOException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  private static void requireUiFolder(String folder) {
    if (folder != null && !folder.isEmpty() && !Files.exists(Path.of(folder, "index.html"))) {
      throw new StackException(
          "JAEGER_UI is '%s', which holds no index.html: set it to a folder of built Jaeger UI assets, or unset it."
              .formatted(folder));
    }
  }

  private static void requireOverlay() {
    for (String overlay : overlays()) {
      if (!Files.isRegularFile(Path.of(overlay))) {
        throw new StackException(
            "%s is '%s', which is not a file: set it to one such as jaeger/tail-sampling.yaml, or unset it."
                .formatted(JAEGER_OVERLAY, overlay));
      }
    }
  }

  private void run() throws IOException {
    // Also what ends the parts when one of them, or the start, fails.
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));

    say("Starting Jaeger, Prometheus and dice; their logs and data are in " + data);
    Jaeger jaeger = Jaeger.start(project, ports, data, Map.of(), overlays());
    started(jaeger.part());
    Prometheus prometheus = Prometheus.start(project, ports, data);
    started(prometheus.part());
    Dice dice = Dice.startAttached(project, ports, data, Map.of());
    started(dice.part());

    say("All three are ready. Rolling the dice %d times, failing once …".formatted(ROLLS));
    for (int i = 0; i < ROLLS; i++) {
      dice.get("/");
    }
    dice.get("/fail");
    report(jaeger, prometheus);
    say("%nRoll more with: curl %s/%nStop with Ctrl-C.".formatted(dice.url()));

    CompletableFuture.anyOf(running.stream().map(Part::onExit).toArray(CompletableFuture<?>[]::new))
        .join();
    requireAllAlive();
  }

  /** What is laid over Jaeger's configuration, such as {@code jaeger/tail-sampling.yaml}. */
  private static String[] overlays() {
    String overlay = System.getenv(JAEGER_OVERLAY);
    return overlay == null || overlay.isBlank() ? new String[0] : new String[] {overlay};
  }

  private synchronized void started(Part part) {
    running.push(part);
    if (stopping) {
      throw new StackException("Stopped while starting");
    }
  }

  private synchronized void requireAllAlive() {
    if (!stopping) {
      running.forEach(Part::requireAlive);
    }
  }

  private void report(Jaeger jaeger, Prometheus prometheus) throws IOException {
    Map<String, Integer> tracesByName = awaitTraces(jaeger);
    double heap = awaitHeap(prometheus);
    String exemplar = awaitExemplar(prometheus, jaeger);
    boolean jaegerUi = jaeger.hasUi();
    JaegerApi api = jaeger.api();

    say("");
    row("dice", ports.url(Port.DICE) + "/", "%d rolls and 1 failure answered".formatted(ROLLS));
    row("", ports.url(Port.DICE) + "/metrics", "the app's own metrics");
    row("", ports.url(Port.AGENT_METRICS) + "/metrics", "the agent's metrics");
    row(
        "Jaeger",
        jaegerUi ? api.searchPage("dice") : api.searchUrl("dice", since, since.plus(A_DAY)),
        "traces: " + tracesByName);
    row(
        "",
        jaegerUi ? api.tracePage(exemplar) : api.traceUrl(exemplar),
        thinned ? "the failure" : "one roll");
    row(
        "Prometheus",
        prometheus.url() + (prometheus.hasUi() ? "/query" : "/api/v1/query?query=up"),
        "JVM heap used: %.1f MiB".formatted(heap / (1024 * 1024)));
    row(
        "",
        "",
        "exemplar of GET %s: trace %s, found in Jaeger".formatted(exemplarRoute(), exemplar));
    if (!jaegerUi) {
      say(
          "%nThis Jaeger has no web page: the release has one, the image has one, and JAEGER_UI=<folder of built assets> adds one. The links above are its API."
              .formatted());
    }
  }

  private Map<String, Integer> awaitTraces(Jaeger jaeger) {
    // Tail sampling keeps every failure, but not every roll.
    Map<String, Integer> expected =
        thinned ? Map.of("GET /fail", 1) : Map.of("GET /", ROLLS, "GET /fail", 1);
    return Wait.until(
        "the traces %s are found in Jaeger, as they are where its sampling file samples all"
            .formatted(expected),
        ARRIVES,
        () -> {
          requireAllAlive();
          Map<String, Integer> byName = new TreeMap<>();
          for (FoundTrace trace : jaeger.traces("dice", since)) {
            byName.merge(trace.rootName(), 1, Integer::sum);
          }
          boolean complete =
              expected.entrySet().stream()
                  .allMatch(e -> byName.getOrDefault(e.getKey(), 0) >= e.getValue());
          return complete ? Wait.found(byName) : Wait.notYet("traces " + byName);
        });
  }

  private double awaitHeap(Prometheus prometheus) {
    return Wait.until(
        "Prometheus knows the JVM's heap",
        ARRIVES,
        () -> {
          requireAllAlive();
          List<JsonNode> series =
              prometheus.query("sum(jvm_memory_used_bytes{jvm_memory_type=\"heap\"})");
          return series.isEmpty()
              ? Wait.notYet("no series")
              : Wait.found(series.get(0).at("/value/1").asDouble());
        });
  }

  private String exemplarRoute() {
    return thinned ? "/fail" : "/";
  }

  private String awaitExemplar(Prometheus prometheus, Jaeger jaeger) {
    return Wait.until(
        "an exemplar of GET %s leads to its trace".formatted(exemplarRoute()),
        ARRIVES,
        () -> {
          requireAllAlive();
          List<JsonNode> exemplars =
              prometheus.exemplars(
                  "http_server_request_duration_seconds_bucket{http_route=\"%s\"}"
                      .formatted(exemplarRoute()),
                  since);
          for (JsonNode exemplar : exemplars) {
            String traceId = exemplar.at("/labels/trace_id").asText();
            if (!jaeger.trace(traceId).isEmpty()) {
              return Wait.found(traceId);
            }
          }
          return Wait.notYet(exemplars.size() + " exemplars, none of whose traces is in Jaeger");
        });
  }

  /** Stops what was started, the newest first: spans still on their way then reach Jaeger. */
  private synchronized void stop() {
    stopping = true;
    while (!running.isEmpty()) {
      Part part = running.pop();
      say("Stopping " + part.name());
      part.close();
    }
  }

  private static void row(String part, String url, String seen) {
    System.out.printf("%-11s %-60s %s%n", part, url, seen);
  }

  private static void say(String line) {
    System.out.println(line);
  }
}
