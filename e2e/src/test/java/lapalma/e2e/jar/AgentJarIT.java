package lapalma.e2e.jar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import lapalma.e2e.support.OtlpReceiver;
import lapalma.e2e.support.TraceContext;
import lapalma.process.Command;
import lapalma.process.FreePort;
import lapalma.process.ManagedProcess;
import lapalma.stack.Project;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The one jar that is the agent, with the variables of upstream's agent. */
class AgentJarIT {
  private static final Duration ARRIVES = Duration.ofSeconds(60);
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Path JAR = ROOT.resolve("agent-config/target/lapalma-agent.jar");
  private static final Path FAST_START = ROOT.resolve("agent-config/fast-start.args");
  private static final Path UPSTREAM =
      ROOT.resolve("agent-config/target/opentelemetry-javaagent.jar");
  private static final Path EXTENSION =
      ROOT.resolve("agent-config/target/undertow-agent-extension.jar");
  private static final Path COMMANDS = ROOT.resolve("agent-config/target/classes");

  @TempDir private Path folder;
  @AutoClose private final OtlpReceiver receiver;
  private final int port = FreePort.find();
  private final Map<String, String> environment = new HashMap<>();
  private final List<String> arguments = new ArrayList<>();

  AgentJarIT() throws IOException {
    receiver = OtlpReceiver.ofHttp();
  }

  @BeforeEach
  void sendToTheReceiver() {
    environment.put("PORT", String.valueOf(port));
    environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url());
  }

  /** All modules make a start several times as long. */
  private void enableOnly(String module) {
    environment.put("OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED", "false");
    environment.put("OTEL_INSTRUMENTATION_" + module + "_ENABLED", "true");
  }

  private ManagedProcess dice(String... attach) {
    List<String> command = new ArrayList<>(arguments);
    command.add(Project.java());
    command.addAll(List.of(attach));
    command.addAll(List.of("-jar", ROOT.resolve("dice-undertow/target/dice.jar").toString()));
    ManagedProcess dice =
        ManagedProcess.start("dice", command, environment, folder, folder.resolve("dice.log"));
    dice.awaitReady(url() + "/health");
    return dice;
  }

  private String url() {
    return "http://127.0.0.1:" + port;
  }

  private static Map<String, String> resource(OtlpReceiver receiver) {
    return receiver.spans().get(0).resource().getAttributesList().stream()
        .collect(
            toMap(
                attribute -> attribute.getKey(),
                attribute -> attribute.getValue().getStringValue()));
  }

  /** Waits for the server span of a roll. */
  private void rollIsTraced(OtlpReceiver receiver) throws Exception {
    var context = TraceContext.random();
    context.get(url() + "/");
    await()
        .atMost(ARRIVES)
        .untilAsserted(() -> assertThat(receiver.traceIds()).contains(context.traceId()));
  }

  /**
   * The folder cannot be written, is also the temporary folder, and its name has spaces. As root,
   * the app runs as another user, for whom the permissions count.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theJarAloneAttachesFromAnywhere(boolean byVariable) throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path place = Files.createDirectory(folder.resolve("a read only folder"));
    Path jar = Files.copy(JAR, place.resolve("lapalma-agent.jar"));
    Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("r--r--r--"));
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("r-xr-xr-x"));
    if (System.getProperty("user.name").equals("root")) {
      arguments.addAll(
          List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"));
    }
    environment.put("OTEL_SERVICE_NAME", "shop");
    environment.put("OTEL_RESOURCE_ATTRIBUTES", "team=a");
    environment.put("OTEL_EXPORTER_OTLP_HEADERS", "tenant=b");
    environment.put("OTEL_METRIC_EXPORT_INTERVAL", "500");
    String attach = "-javaagent:" + jar;
    if (byVariable) {
      environment.put("JAVA_TOOL_OPTIONS", "'" + attach + "'");
      // The launcher reads it from any folder whose name has no spaces.
      Path flags = Files.copy(FAST_START, folder.resolve("fast-start.args"));
      environment.put("JDK_JAVA_OPTIONS", "@" + flags);
    }
    try (ManagedProcess dice =
        dice("-Djava.io.tmpdir=" + place, byVariable ? "-Dnothing" : attach)) {
      rollIsTraced(receiver);

      assertThat(resource(receiver))
          .containsEntry("service.name", "shop")
          .containsEntry("team", "a");
      assertThat(receiver.headers().get("tenant")).isEqualTo("b");
      await()
          .atMost(ARRIVES)
          .untilAsserted(
              () ->
                  assertThat(receiver.paths())
                      .containsOnly("/v1/traces", "/v1/metrics", "/v1/logs"));
      assertThat(dice.logText())
          .contains(
              "Traces go to %1$s (http/protobuf), metrics to %1$s (http/protobuf), logs to %1$s (http/protobuf)."
                  .formatted(receiver.url()))
          .doesNotContain("WARN", "ERROR", "Exception");
    }
  }

  @Test
  void telemetryIsSentOverGrpcToAReceiverThatTheCertificateNames() throws Exception {
    try (OtlpReceiver grpc = OtlpReceiver.ofGrpc()) {
      Path certificate = Files.writeString(folder.resolve("ca.pem"), grpc.certificate());
      environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", grpc.url());
      environment.put("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
      environment.put("OTEL_EXPORTER_OTLP_CERTIFICATE", certificate.toString());
      environment.put("OTEL_METRICS_EXPORTER", "none");
      environment.put("OTEL_LOGS_EXPORTER", "none");
      enableOnly("UNDERTOW");
      try (ManagedProcess dice = dice("-javaagent:" + JAR)) {
        rollIsTraced(grpc);

        assertThat(grpc.paths())
            .containsOnly("/opentelemetry.proto.collector.trace.v1.TraceService/Export");
        assertThat(dice.logText()).contains("metrics to none, logs to none.");
      }
    }
  }

  @Test
  void upstreamsVariablesAndPropertiesDecide() throws Exception {
    environment.put("OTEL_TRACES_SAMPLER", "parentbased_traceidratio");
    environment.put("OTEL_TRACES_SAMPLER_ARG", "0");
    environment.put("OTEL_PROPAGATORS", "b3");
    environment.put("OTEL_INSTRUMENTATION_LOGBACK_APPENDER_ENABLED", "false");
    environment.put("OTEL_METRIC_EXPORT_INTERVAL", "500");
    environment.put("OTEL_JAVAAGENT_LOGGING", "none");
    environment.put("OTEL_SERVICE_NAME", "not-this");
    String sampled = "4bf92f3577b34da6a3ce929d0e0e4736";
    try (ManagedProcess dice = dice("-javaagent:" + JAR, "-Dotel.service.name=property")) {
      TraceContext.random().get(url() + "/");
      Http.send(
          HttpRequest.newBuilder(URI.create(url() + "/"))
              .header("b3", sampled + "-00f067aa0ba902b7-1"));

      await().atMost(ARRIVES).until(() -> !receiver.spans().isEmpty());
      assertThat(receiver.traceIds()).containsOnly(sampled);
      assertThat(resource(receiver)).containsEntry("service.name", "property");
      await().atMost(ARRIVES).until(() -> receiver.paths().contains("/v1/metrics"));
      assertThat(receiver.paths()).containsOnly("/v1/traces", "/v1/metrics");
      assertThat(dice.logText()).doesNotContain("otel.javaagent");
    }
  }

  @Test
  void aConfigurationFileReplacesTheVariables() throws Exception {
    int metrics = FreePort.find();
    environment.put("OTEL_CONFIG_FILE", ROOT.resolve("agent-config/otel.yaml").toString());
    environment.put("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", receiver.url() + "/v1/traces");
    environment.put("OTEL_EXPORTER_PROMETHEUS_PORT", String.valueOf(metrics));
    environment.put("LOG_EXPORT", "false");
    try (ManagedProcess dice = dice("-javaagent:" + JAR)) {
      rollIsTraced(receiver);

      await()
          .atMost(ARRIVES)
          .untilAsserted(
              () ->
                  assertThat(receiver.spans())
                      .extracting(span -> span.item().getName())
                      .contains("GET /", "Dice.roll"));
      await()
          .atMost(ARRIVES)
          .untilAsserted(
              () ->
                  assertThat(Http.get("http://127.0.0.1:" + metrics + "/metrics").body())
                      .contains("undertow_worker_threads_busy{"));
      assertThat(dice.logText())
          .contains(
              "OTEL_EXPORTER_OTLP_ENDPOINT is set, but has no effect: %s does not name it. Write ${OTEL_EXPORTER_OTLP_ENDPOINT} there, or unset it."
                  .formatted(environment.get("OTEL_CONFIG_FILE")));
    }
  }

  /** The oldest agent that the extension is tested with, and the pinned one. */
  @ParameterizedTest
  @ValueSource(strings = {"e2e/target/older-agents/opentelemetry-javaagent-2.33.0.jar", "pinned"})
  void theExtensionAloneSendsBesideTheUsersAgent(String agent) throws Exception {
    environment.put("OTEL_METRICS_EXPORTER", "none");
    enableOnly("UNDERTOW_SERVER");
    Path jar = agent.equals("pinned") ? UPSTREAM : ROOT.resolve(agent);
    try (ManagedProcess dice =
        dice("-javaagent:" + jar, "-Dotel.javaagent.extensions=" + EXTENSION)) {
      rollIsTraced(receiver);

      assertThat(receiver.headers().get("Accept-Encoding")).isNull(); // not upstream's sender
      assertThat(dice.logText()).doesNotContain("[main] ERROR", "[main] WARN");
    }
  }

  @Test
  void theCommandsSayWhatIsWrong() {
    assertThat(command("--version"))
        .isEqualTo("0: lapalma-agent 1.0.0-SNAPSHOT, with opentelemetry-javaagent 2.33.1");
    assertThat(
            command(
                "fit", ROOT.resolve("dice-undertow/target/dice.jar").toString(), "--properties"))
        .startsWith("0: otel.instrumentation.common.default-enabled=true\n")
        .contains("otel.instrumentation.netty-4.1.enabled=false");
    assertThat(command("chek")).startsWith("2: There is no command chek.");
    environment.put("OTEL_TRACES_EXPORTER", "none");
    assertThat(command("check")).isEqualTo("0: The agent starts, and complains of nothing.");
    environment.put("OTEL_TRACES_SAMPLER", "sometimes");
    assertThat(command("check"))
        .startsWith("1: The agent complains of its configuration:\n")
        .contains("Unrecognized value for otel.traces.sampler: sometimes");
  }

  private String command(String... arguments) {
    List<String> command = new ArrayList<>(List.of(Project.java(), "-jar", JAR.toString()));
    command.addAll(List.of(arguments));
    Command run = Command.run(folder, environment, command);
    return run.exitCode() + ": " + run.output();
  }

  @Test
  void allOfUpstreamIsInTheJarUnchanged() throws IOException {
    try (var upstream = new ZipFile(UPSTREAM.toFile());
        var ours = new ZipFile(JAR.toFile());
        var extension = new ZipFile(EXTENSION.toFile());
        Stream<Path> commands = Files.walk(COMMANDS)) {
      Map<String, Long> before = sums(upstream);
      Map<String, Long> after = sums(ours);
      var changed = new TreeSet<String>();
      before.forEach(
          (name, sum) -> {
            if (!sum.equals(after.get(name))) {
              changed.add(name);
            }
          });
      var services = new TreeSet<String>();
      var expected = new TreeSet<String>();
      for (String name : sums(extension).keySet()) {
        if (name.startsWith("META-INF/services/")) {
          services.add("inst/" + name);
        } else if (!name.startsWith("META-INF/")) {
          expected.add("inst/" + (name.endsWith(".class") ? name + "data" : name));
        }
      }
      expected.addAll(services);
      commands
          .filter(Files::isRegularFile)
          .map(file -> COMMANDS.relativize(file).toString())
          .forEach(expected::add);
      expected.removeAll(before.keySet());
      services.retainAll(before.keySet());

      var added = new TreeSet<>(after.keySet());
      added.removeAll(before.keySet());
      assertThat(added).isEqualTo(expected);
      assertThat(changed).isNotEmpty();
      for (String name : changed) {
        if (name.equals(JarFile.MANIFEST_NAME)) {
          assertThat(manifest(ours)).containsAllEntriesOf(unchanged(manifest(upstream)));
        } else {
          assertThat(services).contains(name);
          assertThat(text(ours, name))
              .isEqualTo(
                  text(upstream, name).stripTrailing()
                      + "\n"
                      + text(extension, name.substring("inst/".length())));
        }
      }
    }
  }

  private static Map<String, Long> sums(ZipFile jar) throws IOException {
    Map<String, Long> sums = new TreeMap<>();
    for (ZipEntry entry : Collections.list(jar.entries())) {
      if (!entry.isDirectory()) {
        var sum = new CRC32();
        try (InputStream in = jar.getInputStream(entry)) {
          sum.update(in.readAllBytes());
        }
        sums.put(entry.getName(), sum.getValue());
      }
    }
    return sums;
  }

  private static String text(ZipFile jar, String name) throws IOException {
    try (InputStream in = jar.getInputStream(jar.getEntry(name))) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private static Map<String, String> manifest(ZipFile jar) throws IOException {
    try (InputStream in = jar.getInputStream(jar.getEntry(JarFile.MANIFEST_NAME))) {
      Map<String, String> attributes = new TreeMap<>();
      new Manifest(in)
          .getMainAttributes()
          .forEach((name, value) -> attributes.put(name.toString(), value.toString()));
      return attributes;
    }
  }

  /** The command is ours. */
  private static Map<String, String> unchanged(Map<String, String> manifest) {
    manifest.remove("Main-Class");
    return manifest;
  }
}
