package lapalma.e2e.undertow;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import lapalma.e2e.support.OtlpReceiver;
import lapalma.e2e.support.SharedStack;
import lapalma.process.FreePort;
import lapalma.process.ManagedProcess;
import lapalma.stack.Project;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds all that {@code undertow_server} records of an awkward app against what upstream's {@code
 * undertow} records of the same requests.
 */
class ServerComparisonIT {
  private static final Duration ARRIVES = Duration.ofSeconds(20);

  /** Of all HTTP servers; nothing is left out of spans and series. */
  private static final String CONFIG =
      """
      file_format: "1.2"
      resource: { attributes: [{ name: service.name, value: awkward }] }
      propagator: { composite: [{ tracecontext: {} }] }
      tracer_provider:
        processors: [{ batch: { schedule_delay: 100, exporter: { otlp_http: { endpoint: "%1$s/v1/traces" } } } }]
        sampler: { always_on: {} }
      meter_provider:
        readers: [{ periodic: { interval: 60000, exporter: { otlp_http: { endpoint: "%1$s/v1/metrics" } } } }]
      distribution:
        javaagent: { instrumentation: { default_enabled: false, enabled: [%2$s, servlet] } }
      instrumentation/development:
        general:
          http: { server: { request_captured_headers: [x-awkward, host], response_captured_headers: [content-type, x-none] } }
        java: { common: { http: { known_methods: [GET, HEAD, POST, PUT, OPTIONS, BREW] } } }
      """;

  /** Values that differ between two runs of the same module. */
  private static final Set<String> ITS_OWN = Set.of("network.peer.port", "client.port");

  /**
   * Parts of values that differ between two requests too: frames that are not the app's, the
   * numbers of lambdas, and how a client's leaving is noticed.
   */
  private static final String CHANCE =
      "\\\\n\\\\tat (?!lapalma)[^\\\\\"]*|\\\\n\\\\t\\.\\.\\. [0-9]+ more|\\$\\$Lambda[/$0-9a-fx]*|Broken pipe|Connection reset( by peer)?";

  /** What a duration and a span both tell of a request. */
  private static final List<String> COUNTED =
      List.of(
          "http.request.method",
          "http.response.status_code",
          "http.route",
          "url.scheme",
          "network.protocol.version",
          "error.type");

  private static final String HANDLED = "/thrown-handled";

  /**
   * A version of Undertow and what runs it.
   *
   * @param classPath of the app
   * @param java the {@code java} that runs it
   * @param threads "virtual" or "platform"
   */
  record Setup(String version, String classPath, Path java, String threads) {
    @Override
    public String toString() {
      return "Undertow %s, %s, %s threads".formatted(version, java, threads);
    }
  }

  @Test
  void itRecordsWhatUpstreamsModuleRecords() throws Exception {
    compare(ofTheBuild());
  }

  private static Setup ofTheBuild() {
    return new Setup(
        "of the build",
        System.getProperty("java.class.path"),
        Path.of(Project.java()),
        Runtime.version().feature() < 21 ? "platform" : "virtual");
  }

  /** What the app calls is itself. */
  @Test
  void aCallIsAClientSpanAndCarriesTheTrace() throws Exception {
    Run run = run(ofTheBuild(), "undertow_server, undertow_client");

    assertThat(lines(run, "/proxied/deep/er?a=b"))
        .containsExactly(
            "CLIENT GET 200, below SERVER GET /proxied/*",
            "SERVER GET /proxied/* 200, below the caller",
            "SERVER GET /plain/* 200, below CLIENT GET");
    assertThat(lines(run, "/proxied-to-failure"))
        .containsExactly(
            "CLIENT GET 500, below SERVER GET /proxied-to-failure",
            "SERVER GET /proxied-to-failure 500, below the caller",
            "SERVER GET /failed 500, below CLIENT GET");
    assertThat(lines(run, "/called"))
        .containsExactly(
            "CLIENT GET 200, below SERVER GET /called",
            "SERVER GET /called 200, below the caller",
            "SERVER GET /plain/* 200, below CLIENT GET");
  }

  private static List<String> lines(Run run, String request) {
    return run.spans().get(request).stream()
        .map(
            span ->
                "%s %s %s, below %s"
                    .formatted(
                        span.get("kind"),
                        span.get("name"),
                        span.get("http.response.status_code").replaceAll("\\D", ""),
                        span.get("parent"))
                    .replace("SPAN_KIND_", ""))
        .toList();
  }

  @Tag("undertow")
  @ParameterizedTest(name = "{0}")
  @MethodSource("setups")
  void itDoesSoOnEveryVersion(Setup setup) throws Exception {
    compare(setup);
  }

  /** The versions that {@code make undertow-test} fetched, on the JDKs that it names. */
  static List<Setup> setups() throws IOException {
    List<Setup> setups = new ArrayList<>();
    try (Stream<Path> versions = Files.list(Path.of("target/undertow"))) {
      for (Path version : versions.sorted().toList()) {
        String classPath = compiledFor(version.toAbsolutePath());
        for (String home : System.getProperty("jdks", System.getProperty("java.home")).split(" ")) {
          Path java = Path.of(home, "bin/java");
          String name = version.getFileName().toString();
          setups.add(new Setup(name, classPath, java, "platform"));
          if (release(home) >= 21) {
            setups.add(new Setup(name, classPath, java, "virtual"));
          }
        }
      }
    }
    return setups;
  }

  private static int release(String home) throws IOException {
    return Integer.parseInt(
        Files.readString(Path.of(home, "release"))
            .replaceFirst("(?s).*JAVA_VERSION=\"([0-9]+).*", "$1"));
  }

  /** Compiles the app against a version; up to Undertow 2.2, servlets are those of javax. */
  private static String compiledFor(Path version) throws IOException {
    Path folder = SharedStack.newFolder("undertow-" + version.getFileName());
    String jars;
    try (Stream<Path> files = Files.list(version)) {
      jars = files.map(Path::toString).sorted().collect(joining(File.pathSeparator));
    }
    List<String> arguments = new ArrayList<>(List.of("--release", "17", "-proc:none", "-cp", jars));
    arguments.addAll(List.of("-d", folder.toString()));
    boolean javax = version.getFileName().toString().compareTo("2.3") < 0;
    for (String name : List.of("AwkwardApp", "AwkwardServlet")) {
      String source =
          Files.readString(Path.of("src/test/java/lapalma/e2e/undertow", name + ".java"));
      arguments.add(
          Files.writeString(
                  folder.resolve(name + ".java"),
                  javax ? source.replace("jakarta.servlet", "javax.servlet") : source)
              .toString());
    }
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, arguments.toArray(String[]::new)))
        .isZero();
    return folder + File.pathSeparator + jars;
  }

  private static void compare(Setup setup) throws Exception {
    Run upstream = run(setup, "undertow");
    Run own = run(setup, "undertow_server");

    List<String> differences = new ArrayList<>();
    compare("answer", own.answers(), upstream.answers(), differences);
    for (String request : union(own.spans().keySet(), upstream.spans().keySet())) {
      List<Map<String, String>> ofOwn = own.spans().getOrDefault(request, List.of());
      List<Map<String, String>> ofUpstream = upstream.spans().getOrDefault(request, List.of());
      for (int i = 0; i < Math.max(ofOwn.size(), ofUpstream.size()); i++) {
        Map<String, String> span = at(ofUpstream, i);
        compare(request, withoutExtras(request, span, at(ofOwn, i)), span, differences);
      }
    }
    compare("requests by series and by spans", bySeries(own), bySpans(own), differences);
    // Upstream's module counts a request twice that ends while another thread ends it.
    compare("series", labels(own), labels(upstream), differences);
    System.out.printf(
        "%s: %d spans, %d series, %d differences%n",
        setup,
        own.spans().values().stream().mapToInt(List::size).sum(),
        own.series().size(),
        differences.size());
    assertThat(differences).isEmpty();
  }

  /** Returns the fields of a span, or only that there is none. */
  private static Map<String, String> at(List<Map<String, String>> spans, int index) {
    return index < spans.size() ? spans.get(index) : Map.of("span", "none");
  }

  /**
   * Takes away what upstream's module never knows: the route, which is a part of the name, and an
   * exception that the app has handled.
   */
  private static Map<String, String> withoutExtras(
      String request, Map<String, String> upstream, Map<String, String> own) {
    Map<String, String> without = new TreeMap<>(own);
    if (request.equals(HANDLED) && own.getOrDefault("events", "").startsWith("[exception{")) {
      without.put("events", "[]");
    }
    String route = own.get("http.route");
    if (route == null || upstream.containsKey("http.route")) {
      return without;
    }
    without.remove("http.route");
    if (own.get("name").equals(upstream.get("name") + " " + text(route))) {
      without.put("name", upstream.get("name"));
    }
    return without;
  }

  /** Returns the text in {@code string_value: "…"}. */
  private static String text(String value) {
    return value.substring(value.indexOf('"') + 1, value.lastIndexOf('"'));
  }

  private static Map<String, String> bySpans(Run run) {
    return texts(
        run.spans().values().stream()
            .flatMap(List::stream)
            .filter(span -> span.get("kind").equals("SPAN_KIND_SERVER"))
            .collect(groupingBy(ServerComparisonIT::counted, counting())));
  }

  private static Map<String, String> bySeries(Run run) {
    Map<String, Long> counts = new TreeMap<>();
    run.series().forEach((labels, count) -> counts.merge(counted(labels), count, Long::sum));
    return texts(counts);
  }

  private static String counted(Map<String, String> labels) {
    return COUNTED.stream().map(name -> labels.getOrDefault(name, "none")).collect(joining(", "));
  }

  private static Map<String, String> texts(Map<String, Long> counts) {
    return counts.entrySet().stream()
        .collect(toMap(Map.Entry::getKey, entry -> String.valueOf(entry.getValue())));
  }

  /** Returns the labels of each series without the route, which upstream's module never knows. */
  private static Map<String, String> labels(Run run) {
    Map<String, String> all = new TreeMap<>();
    for (Map<String, String> labels : run.series().keySet()) {
      Map<String, String> others = new TreeMap<>(labels);
      others.remove("http.route");
      all.put(others.toString(), "recorded");
    }
    return all;
  }

  private static void compare(
      String what,
      Map<String, String> own,
      Map<String, String> upstream,
      List<String> differences) {
    if (own.containsKey("span") || upstream.containsKey("span")) {
      differences.add(
          "%s | span | ours: %s | upstream's: %s"
              .formatted(what, own.get("name"), upstream.get("name")));
      return;
    }
    for (String key : union(own.keySet(), upstream.keySet())) {
      String ofOwn = own.getOrDefault(key, "none");
      String ofUpstream = upstream.getOrDefault(key, "none");
      if (!ofOwn.equals(ofUpstream)) {
        int from = Math.max(0, Arrays.mismatch(ofOwn.toCharArray(), ofUpstream.toCharArray()) - 60);
        differences.add(
            "%s | %s | ours: %s | upstream's: %s"
                .formatted(what, key, excerpt(ofOwn, from), excerpt(ofUpstream, from)));
      }
    }
  }

  private static String excerpt(String text, int from) {
    return text.substring(Math.min(from, text.length()), Math.min(from + 200, text.length()))
        .replaceAll("\\s+", " ");
  }

  private static Set<String> union(Set<String> some, Set<String> others) {
    Set<String> all = new TreeSet<>(some);
    all.addAll(others);
    return all;
  }

  /** What the clients of an app got, and what its agent sent. */
  private record Run(
      Map<String, String> answers,
      Map<String, List<Map<String, String>>> spans,
      Map<Map<String, String>, Long> series) {}

  private static Run run(Setup setup, String module) throws Exception {
    Path attach = SharedStack.project().attach();
    Path folder = SharedStack.newFolder("compared-" + module);
    int port = FreePort.find();
    var requests = new AwkwardRequests(port);
    try (var receiver = OtlpReceiver.ofHttp()) {
      var recorded = new Recorded(receiver);
      Path config =
          Files.writeString(folder.resolve("otel.yaml"), CONFIG.formatted(receiver.url(), module));
      List<String> command =
          List.of(
              setup.java().toString(),
              "-javaagent:" + attach.resolveSibling("opentelemetry-javaagent.jar"),
              "-Dotel.javaagent.extensions="
                  + attach.resolveSibling("undertow-agent-extension.jar"),
              "-Dotel.config.file=" + config,
              "-cp",
              setup.classPath(),
              AwkwardApp.class.getName(),
              String.valueOf(port),
              setup.threads());
      try (ManagedProcess app =
          ManagedProcess.start(
              "awkward-app", command, Map.of(), folder, folder.resolve("app.log"))) {
        app.awaitLogged(AwkwardApp.LISTENS, ManagedProcess.READY);
        requests.send();
        await()
            .atMost(ARRIVES)
            .untilAsserted(
                () ->
                    assertThat(recorded.spans(requests.names())).containsKey(AwkwardRequests.LAST));
        // The agent sends the rest, and the series.
        app.terminate();
        app.awaitExit(ARRIVES);
      }
      var spans = recorded.spans(requests.names());
      spans.replaceAll(
          (request, list) -> list.stream().map(span -> comparable(span, port)).toList());
      return new Run(requests.answers(), spans, recorded.series());
    }
  }

  private static Map<String, String> comparable(Map<String, String> span, int port) {
    Map<String, String> comparable = new TreeMap<>(span);
    comparable.replaceAll(
        (key, value) ->
            ITS_OWN.contains(key)
                ? "its own"
                : value.replace(String.valueOf(port), "PORT").replaceAll(CHANCE, ""));
    return comparable;
  }
}
