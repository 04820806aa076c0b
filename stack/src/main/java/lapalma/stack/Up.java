package lapalma.stack;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import lapalma.process.Children;
import lapalma.process.PidFile;
import lapalma.process.ProcessException;
import lapalma.process.Wait;
import lapalma.stack.api.Exposition;
import lapalma.stack.api.FoundTrace;

/**
 * {@code make up}: runs the dice server under the agent with Jaeger, Prometheus and VictoriaLogs,
 * shows what arrived, and runs until it is stopped.
 *
 * <p>Exit code 1, with a sentence, when a port is taken, a part cannot start, or a part ends.
 */
public final class Up {
  private static final String JAEGER_OVERLAY = "JAEGER_OVERLAY";

  private static final int ROLLS = 6;
  private static final Duration ARRIVES = Duration.ofSeconds(60);
  private static final Duration FOREVER = Duration.ofDays(36_500);

  private final Project project;
  private final Ports ports;
  private final RunFolder folder;
  // The report leaves out the data of earlier runs, which is still there.
  private final Instant since = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final List<Part> parts = new ArrayList<>();

  /** Whether a file laid over Jaeger's configuration may drop traces. */
  private final boolean thinned = overlays().length > 0;

  private Up(Project project, Ports ports, RunFolder folder) {
    this.project = project;
    this.ports = ports;
    this.folder = folder;
  }

  public static void main(String[] args) {
    try {
      Path root = Path.of("").toAbsolutePath();
      Ports ports = Ports.from(System.getenv());
      requireUiFolder(System.getenv().getOrDefault("JAEGER_UI", ""));
      requireOverlay();
      RunFolder folder = RunFolder.of(root, ports);
      requireNoOther(folder, ports);
      endLeftovers(folder);
      ports.requireFree();
      Files.createDirectories(folder.path());
      folder.setReady(false);
      folder.diceIsBack();
      folder.launcher().write(ProcessHandle.current());
      new Up(Project.at(root), ports, folder).run();
    } catch (ProcessException | IOException | UncheckedIOException e) {
      // An interrupt ends the parts, which is not a failure to report.
      if (!Children.ending()) {
        System.err.println(ProcessException.sentence(e));
        System.exit(1);
      }
    }
  }

  private static void requireNoOther(RunFolder folder, Ports ports) {
    folder
        .launcher()
        .process()
        .ifPresent(
            other -> {
              throw new StackException(
                  "make up already runs with %s=%d, as process %d: stop it with Ctrl-C, or set %s=1000 for a second one."
                      .formatted(
                          Port.DICE.variable(), ports.of(Port.DICE), other.pid(), Ports.OFFSET));
            });
  }

  /** Ends the parts of a {@code make up} that was killed before it could end them. */
  private static void endLeftovers(RunFolder folder) {
    for (PidFile part : folder.parts()) {
      part.process()
          .ifPresent(
              process -> {
                say(
                    "Stopping %s (process %d), left by a make up that was killed"
                        .formatted(part.name(), process.pid()));
                Children.end(process);
              });
    }
  }

  private static void requireUiFolder(String folder) {
    if (!folder.isEmpty() && !Files.exists(Path.of(folder, "index.html"))) {
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
    say(
        "Starting Jaeger, Prometheus, VictoriaLogs and dice; their logs and data are in "
            + folder.path());
    // In the order in which they end, which is the other way round.
    Jaeger jaeger =
        add(
            Jaeger.launch(
                project,
                ports,
                folder.path(),
                Map.of("VICTORIALOGS_EXTERNAL_URL", ports.url(Port.VICTORIALOGS)),
                overlays()));
    Prometheus prometheus = add(Prometheus.launch(project, ports, folder.path()));
    VictoriaLogs logs = add(VictoriaLogs.launch(project, ports, folder.path()));
    DiceProcess dice = add(DiceProcess.launchAttached(project, ports, folder.path(), Map.of()));
    String probe = launchProbe(prometheus);
    parts.forEach(Part::awaitReady);

    say("All four are ready. Rolling the dice %d times, failing once …".formatted(ROLLS));
    for (int i = 0; i < ROLLS; i++) {
      dice.get("/");
    }
    dice.get("/fail");
    report(jaeger, prometheus, logs);
    say(probe);
    folder.setReady(true);
    say("%nRoll more with: curl %s/%n%s".formatted(dice.url(), RunFolder.READY));

    while (true) {
      awaitExit();
      if (dice.process().isAlive() || !folder.diceIsAway()) {
        requireAllAlive();
      }
      parts.remove(dice);
      say("dice was killed by make fault, and stays away until make fault FAULT=none.");
      Wait.until("dice is wanted back", FOREVER, this::lookWhetherDiceIsWantedBack);
      dice = add(DiceProcess.startAttached(project, ports, folder.path(), Map.of()));
      folder.diceIsBack();
      say("dice is back.");
    }
  }

  private <P extends Part> P add(P part) {
    parts.add(part);
    return part;
  }

  /** Launches the blackbox exporter, if it can, and returns its line of the report. */
  private String launchProbe(Prometheus prometheus) {
    Optional<Path> program = BlackboxExporter.find(project);
    if (program.isEmpty()) {
      return "%nNothing probes dice from outside, because no blackbox exporter was found. On Debian or Ubuntu, run `tools/find-program prometheus/blackbox`, which downloads one. Elsewhere, set BLACKBOX_EXPORTER to its path. Then start make up again."
          .formatted();
    }
    Optional<String> taken = ports.taken(Port.BLACKBOX_EXPORTER);
    if (taken.isPresent()) {
      return "%nNothing probes dice from outside. %s".formatted(taken.get());
    }
    BlackboxExporter exporter =
        add(
            BlackboxExporter.launch(
                List.of(program.get().toString()),
                project,
                "127.0.0.1:" + ports.of(Port.BLACKBOX_EXPORTER),
                folder.path()));
    prometheus.probe(exporter.address(), ports.url(Port.DICE));
    return line("Blackbox", "probes dice from outside");
  }

  private void awaitExit() {
    CompletableFuture.anyOf(
            parts.stream()
                .map(part -> part.process().onExit())
                .toArray(CompletableFuture<?>[]::new))
        .join();
  }

  private Wait.Look<Boolean> lookWhetherDiceIsWantedBack() throws IOException {
    requireAllAlive();
    return folder.diceIsWantedBack() ? Wait.found(true) : Wait.notYet("dice is kept away");
  }

  /** The files laid over Jaeger's configuration, such as {@code jaeger/tail-sampling.yaml}. */
  private static String[] overlays() {
    String overlay = System.getenv().getOrDefault(JAEGER_OVERLAY, "");
    return overlay.isBlank() ? new String[0] : new String[] {overlay};
  }

  private void requireAllAlive() {
    parts.forEach(part -> part.process().requireAlive());
  }

  private void report(Jaeger jaeger, Prometheus prometheus, VictoriaLogs logs) throws IOException {
    Map<String, Integer> tracesByName = awaitTraces(jaeger);
    double heap = awaitHeap(prometheus);
    String exemplar = awaitExemplar(prometheus, jaeger);
    int lines = awaitLines(logs, exemplar);
    say(
        "%nOpen %s to see health, alerts, traces, log lines and rates.%n"
            .formatted(prometheus.page()));
    row("dice", "%d rolls and 1 failure answered".formatted(ROLLS));
    row("Jaeger", "traces: %s, %s".formatted(tracesByName, delivery()));
    row("Prometheus", "JVM heap used: %.1f MiB".formatted(heap / (1024 * 1024)));
    row("", "exemplar of GET %s: trace %s, found in Jaeger".formatted(exemplarRoute(), exemplar));
    row("VictoriaLogs", "log lines of that trace: " + lines);
  }

  private Map<String, Integer> awaitTraces(Jaeger jaeger) {
    // Tail sampling keeps every failure, but not every roll.
    Map<String, Integer> expected =
        thinned ? Map.of("GET /fail", 1) : Map.of("GET /", ROLLS, "GET /fail", 1);
    return await(
        "Jaeger has the traces %s (every rate in its sampling file must be 1.0)"
            .formatted(expected),
        () -> {
          Map<String, Integer> byName = new TreeMap<>();
          for (FoundTrace trace : jaeger.api().traces("dice", since)) {
            byName.merge(trace.rootName(), 1, Integer::sum);
          }
          boolean complete =
              expected.entrySet().stream()
                  .allMatch(e -> byName.getOrDefault(e.getKey(), 0) >= e.getValue());
          return complete ? Wait.found(byName) : Wait.notYet("traces " + byName);
        });
  }

  private String delivery() throws IOException {
    String agent = ports.url(Port.AGENT_METRICS);
    String exported = "otel_sdk_exporter_span_exported_total";
    return "%.0f of %.0f spans delivered"
        .formatted(
            Exposition.sum(agent, exported) - Exposition.sum(agent, exported, "error_type="),
            Exposition.sum(agent, "otel_sdk_span_started_total", "RECORD_AND_SAMPLE"));
  }

  private double awaitHeap(Prometheus prometheus) {
    return await(
        "Prometheus knows the JVM's heap",
        () -> {
          List<JsonNode> series =
              prometheus.api().query("sum(jvm_memory_used_bytes{jvm_memory_type=\"heap\"})");
          return series.isEmpty()
              ? Wait.notYet("no series")
              : Wait.found(series.get(0).at("/value/1").asDouble());
        });
  }

  private String exemplarRoute() {
    return thinned ? "/fail" : "/";
  }

  private String awaitExemplar(Prometheus prometheus, Jaeger jaeger) {
    return await(
        "an exemplar of GET %s leads to its trace".formatted(exemplarRoute()),
        () -> {
          List<JsonNode> exemplars =
              prometheus
                  .api()
                  .exemplars(
                      "http_server_request_duration_seconds_bucket{http_route=\"%s\"}"
                          .formatted(exemplarRoute()),
                      since);
          for (JsonNode exemplar : exemplars) {
            String traceId = exemplar.at("/labels/trace_id").asText();
            if (!jaeger.api().trace(traceId).isEmpty()) {
              return Wait.found(traceId);
            }
          }
          return Wait.notYet(exemplars.size() + " exemplars, none of whose traces is in Jaeger");
        });
  }

  private int awaitLines(VictoriaLogs logs, String traceId) {
    return await(
        "VictoriaLogs has the log line of trace %s".formatted(traceId),
        () -> {
          int lines = logs.api().trace(traceId).size();
          return lines == 0 ? Wait.notYet("no line") : Wait.found(lines);
        });
  }

  /** Waits for what arrives while all parts run. */
  private <T> T await(String what, Callable<Wait.Look<T>> look) {
    return Wait.until(
        what,
        ARRIVES,
        () -> {
          requireAllAlive();
          return look.call();
        });
  }

  private static void row(String part, String seen) {
    say(line(part, seen));
  }

  private static String line(String part, String seen) {
    return "%-12s %s".formatted(part, seen);
  }

  private static void say(String line) {
    System.out.println(line);
  }
}
