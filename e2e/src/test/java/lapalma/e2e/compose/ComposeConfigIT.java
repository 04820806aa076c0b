package lapalma.e2e.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lapalma.e2e.support.SharedStack;
import lapalma.process.Children;
import lapalma.process.Command;
import lapalma.stack.Project;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks what Compose makes of the files and variables, without an engine. */
@Tag("compose")
class ComposeConfigIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CLUSTERS = "compose/clusters.yml";
  private static final String SCALE = CLUSTERS + ",compose/scale.yml";
  private static final String PRODUCTION = "compose/production.yml";

  /** The services that run it. */
  private static final String VICTORIALOGS = "victorialogs|log-storage-[0-9]";

  private final Path root = SharedStack.project().root();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docker-compose.yml",
        "docker-compose.yml,compose/images.yml",
        "docker-compose.yml,compose/images.yml,compose/development.yml",
        "docker-compose.yml,compose/images.yml,compose/production.yml",
        "docker-compose.yml,compose/production.yml",
        "docker-compose.yml,compose/development.yml",
        "docker-compose.yml,compose/clusters.yml",
        "docker-compose.yml,compose/production.yml,compose/clusters.yml",
        "docker-compose.yml,compose/clusters.yml,compose/scale.yml",
        "docker-compose.yml,compose/production.yml,compose/clusters.yml,compose/scale.yml",
        "docker-compose.yml,compose/collectors.yml",
        "docker-compose.yml,compose/production.yml,compose/app.yml",
        "docker-compose.yml,e2e/compose/offline.yml",
        "docker-compose.yml,compose/production.yml,e2e/compose/offline.yml",
      })
  void everyCombinationIsValid(String files) {
    Command command = config(complete(), files, "--quiet");

    assertThat(command.errors()).isEmpty();
    assertThat(command.exitCode()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PRIVATE_ADDRESS||docker-compose.yml,compose/production.yml|Set it to the address of this server",
        "OTLP_ENDPOINT||docker-compose.yml,compose/collectors.yml|Set it to the collectors that exist",
        "OTLP_ENDPOINT||docker-compose.yml,compose/production.yml,compose/app.yml|Set it to the server",
        "LOGS_ENDPOINT||docker-compose.yml,compose/production.yml,compose/app.yml|Set it to the server",
        "JAEGER_URL||docker-compose.yml,compose/collectors.yml|Set it to where the pages of the Jaeger are",
        "KAFKA_BROKERS||docker-compose.yml,compose/clusters.yml|Set it to some brokers of the Kafka",
        "CASSANDRA_SERVERS||docker-compose.yml,compose/clusters.yml|Set it to some nodes of the Cassandra",
        "PORT|abc|docker-compose.yml|invalid hostPort: abc",
        "JAEGER_IMAGE||docker-compose.yml|\"jaeger\" has neither an image nor a build context",
      })
  void aMissingOrWrongVariableIsOneSentence(
      String variable, String value, String files, String sentence) {
    Map<String, String> environment = complete();
    environment.put(variable, value == null ? "" : value);

    Command command = config(environment, files, "--quiet");

    assertThat(command.exitCode()).isNotZero();
    assertThat(command.errors().lines()).hasSize(1);
    assertThat(command.errors()).contains(sentence);
  }

  @ParameterizedTest
  @ValueSource(strings = {PRODUCTION, PRODUCTION + "," + CLUSTERS})
  void inProductionOnlyTheBalancersAndTheVpcReachAnything(String overlays) throws IOException {
    Map<String, String> published = published(complete(), overlays);
    assertThat(published.keySet()).containsExactlyInAnyOrder("10.0.1.23", "127.0.0.1");
    assertThat(published.get("10.0.1.23").split(" "))
        .containsExactlyInAnyOrder("5000", "3000", "8080");
    assertThat(published.get("127.0.0.1").split(" "))
        .containsExactlyInAnyOrder("16686", "4318", "5778", "9428", "9090", "9093");
    // It is in the host's network, so it publishes no port and listens there itself.
    assertThat(
            services(complete(), "docker-compose.yml," + overlays)
                .at("/node-exporter/command")
                .toString())
        .contains("--web.listen-address=10.0.1.23:9100");
  }

  @ParameterizedTest
  @ValueSource(strings = {PRODUCTION, PRODUCTION + "," + CLUSTERS})
  void whatDiceOnOtherServersSendsAndAsksIsPublishedForThem(String overlays) throws IOException {
    Map<String, String> environment = complete();
    environment.put("OTLP_ADDRESS", "10.0.1.24");

    Map<String, String> published = published(environment, overlays);

    assertThat(published.get("10.0.1.24").split(" "))
        .containsExactlyInAnyOrder("4318", "5778", "9428");
    // Whoever is on the server reaches the log lines where they always are.
    assertThat(published.get("127.0.0.1").split(" "))
        .containsExactlyInAnyOrder("16686", "9428", "9090", "9093");
  }

  private Map<String, String> published(Map<String, String> environment, String overlays)
      throws IOException {
    Map<String, String> published = new HashMap<>();
    for (var service : services(environment, "docker-compose.yml," + overlays).properties()) {
      for (JsonNode port : service.getValue().path("ports")) {
        published.merge(
            port.path("host_ip").asText(), port.path("published").asText(), (a, b) -> a + " " + b);
      }
    }
    return published;
  }

  @ParameterizedTest
  @ValueSource(strings = {"docker-compose.yml", "docker-compose.yml," + CLUSTERS})
  void theLimitsFitIntoFourGibibytes(String files) throws IOException {
    long sum = 0;
    for (var service : services(complete(), files).properties()) {
      long limit = service.getValue().path("mem_limit").asLong();
      assertThat(limit).as(service.getKey()).isPositive();
      // What a profile adds is for a look on one's own machine.
      sum += service.getValue().has("profiles") ? 0 : limit;
    }
    System.out.printf("Memory limits: %d MiB in all%n", sum >> 20);
    // The system and the engine need half a gibibyte.
    assertThat(sum).isLessThanOrEqualTo(3584L << 20);
  }

  @Test
  void everyServiceHasALimitAHealthCheckAndAPolicy() throws IOException {
    services(complete(), "docker-compose.yml")
        .properties()
        .forEach(
            service -> {
              JsonNode settings = service.getValue();
              assertThat(settings.path("restart").asText()).isEqualTo("unless-stopped");
              assertThatItsHealthIsChecked(service.getKey(), settings);
              assertThat(settings.path("read_only").asBoolean()).as(service.getKey()).isTrue();
              assertThat(settings.path("cap_drop").toString()).isEqualTo("[\"ALL\"]");
              assertThat(settings.has("cap_add")).as(service.getKey()).isFalse();
              assertThat(settings.path("privileged").asBoolean()).isFalse();
              assertThatItsFilesCanBeRead(service.getKey(), settings);
            });
  }

  private void assertThatItsFilesCanBeRead(String service, JsonNode settings) {
    assertThat(settings.path("volumes"))
        .filteredOn(volume -> Path.of(volume.path("source").asText()).startsWith(root))
        .as("files of the project that %s mounts", service)
        .allSatisfy(
            volume -> {
              // Docker makes a folder that does not exist.
              assertThat(Path.of(volume.path("source").asText())).exists();
              // Where SELinux is enforced, a container reads only files with its label.
              assertThat(volume.at("/bind/selinux").asText()).isEqualTo("z");
            });
  }

  /** The image of VictoriaLogs has nothing in it that could ask. */
  private static void assertThatItsHealthIsChecked(String service, JsonNode settings) {
    assertThat(settings.at("/healthcheck/test").isEmpty())
        .as(service)
        .isEqualTo(service.matches(VICTORIALOGS));
  }

  @Test
  void aStopOfDiceIsGivenLongerThanItsLongestDrainTakes() throws IOException {
    JsonNode dice = services(complete(), "docker-compose.yml").path("dice");
    Command refused =
        Command.run(
            root,
            Map.of("DRAIN_SECONDS", "x"),
            List.of(Project.java(), "-jar", "dice-undertow/target/dice.jar"));
    Duration longestDrain = Duration.ofSeconds(number(refused.errors(), "from 0 to (\\d+)\\.$"));
    Duration inFlight =
        Duration.ofSeconds(
            number(
                read("dice-undertow/src/main/java/lapalma/dice/DiceServer.java"),
                "FINISH_IN_FLIGHT = Duration\\.ofSeconds\\((\\d+)\\)"));
    String export = "agent-config/extension/src/main/java/lapalma/agent/export/";
    Duration lastRequests =
        Duration.ofSeconds(
            number(
                read(export + "OpenRequests.java"), "PATIENCE = Duration\\.ofSeconds\\((\\d+)\\)"));
    Duration lastSpans =
        Duration.ofMillis(
            number(read(export + "Backlog.java"), "GRACE = Duration\\.ofMillis\\((\\d+)\\)"));

    Duration longestStop = longestDrain.plus(inFlight).plus(lastRequests).plus(lastSpans);
    assertThat(
            Duration.parse("PT" + dice.path("stop_grace_period").asText().toUpperCase(Locale.ROOT)))
        .isGreaterThan(longestStop);
    assertThat(Children.STOP).isGreaterThan(longestStop);
    assertThat(dice.at("/environment/DRAIN_SECONDS").asText()).isEqualTo("5");
    // A deployment drains until AWS's balancer notices, which takes these checks.
    String ansible = read("ansible/group_vars/all.yml");
    assertThat(
            Duration.ofSeconds(
                number(ansible, "interval: (\\d+)") * number(ansible, "unhealthy: (\\d+)")))
        .isLessThanOrEqualTo(longestDrain);
  }

  private String read(String file) throws IOException {
    return Files.readString(root.resolve(file));
  }

  private static long number(String text, String pattern) {
    var found = Pattern.compile(pattern).matcher(text);
    assertThat(found.find()).as("%s in %s", pattern, text).isTrue();
    return Long.parseLong(found.group(1));
  }

  @Test
  void tracesGoThroughTheEngines() throws IOException {
    JsonNode services = services(complete(), "docker-compose.yml," + SCALE);

    for (String app : List.of("dice", "player")) {
      assertThat(
              services
                  .at("/%s/environment/OTEL_EXPORTER_OTLP_TRACES_ENDPOINT".formatted(app))
                  .asText())
          .isEqualTo("http://collectors:4318/v1/traces");
    }
    for (String collector : List.of("collector", "collector-2")) {
      assertThat(services.at("/%s/networks/app/aliases/0".formatted(collector)).asText())
          .isEqualTo("collectors");
    }
    Map<String, String> configurations = new HashMap<>();
    for (var service : services.properties()) {
      JsonNode settings = service.getValue();
      assertThat(settings.path("mem_limit").asLong()).as(service.getKey()).isPositive();
      assertThatItsHealthIsChecked(service.getKey(), settings);
      assertThat(settings.path("cap_drop").toString()).isEqualTo("[\"ALL\"]");
      assertThatItsFilesCanBeRead(service.getKey(), settings);
      String last = settings.path("command").path(1).asText();
      if (last.startsWith("/etc/jaeger/")) {
        configurations.put(service.getKey(), last.substring("/etc/jaeger/".length()));
      }
    }
    assertThat(configurations)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "collector", "collector.yaml",
                "collector-2", "collector.yaml",
                "ingester", "ingester.yaml",
                "ingester-2", "ingester.yaml",
                "jaeger", "query.yaml"));
    // The configurations read these variables.
    for (var configuration : configurations.entrySet()) {
      String text = Files.readString(root.resolve("jaeger").resolve(configuration.getValue()));
      services.at("/%s/environment".formatted(configuration.getKey())).properties().stream()
          .map(Map.Entry::getKey)
          .filter(name -> name.matches("(KAFKA|CASSANDRA)_.*"))
          .forEach(name -> assertThat(text).contains("${env:" + name + ":-"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "KAFKA_IMAGE,e2e/scale/kafka/pom.xml",
    "CASSANDRA_IMAGE,e2e/scale/cassandra/pom.xml",
    "THANOS_IMAGE,prometheus/thanos/go.mod",
  })
  void theEnginesThatAreTestedAreThoseThatAreDeployed(String variable, String build)
      throws IOException {
    String image = SharedStack.image(root, variable);
    String version = image.substring(image.lastIndexOf(':') + 1).replaceFirst("^v", "");

    assertThat(Files.readString(root.resolve(build)))
        .containsPattern("(<version>|thanos v)%s\\b".formatted(Pattern.quote(version)));
  }

  @Test
  void metricsGoTwoWaysToOneStoreThatAllAsk() throws IOException {
    JsonNode services = services(complete(), "docker-compose.yml," + SCALE);

    assertThat(services.at("/prometheus/command")).isEqualTo(services.at("/prometheus-1/command"));
    assertThat(services.at("/prometheus/links/0").asText())
        .isEqualTo("thanos-receive-0:thanos-receive");
    assertThat(services.at("/prometheus-1/links/0").asText())
        .isEqualTo("thanos-receive-1:thanos-receive");
    assertThat(services.at("/prometheus/volumes").findValuesAsText("source"))
        .doesNotContain("prometheus-1-data");
    assertThat(services.at("/prometheus-1/volumes").findValuesAsText("source"))
        .contains("prometheus-1-data")
        .doesNotContain("prometheus-data");
    assertThat(services.at("/prometheus/volumes").findValuesAsText("target"))
        .containsExactlyInAnyOrder(
            "/etc/prometheus",
            "/etc/prometheus/targets",
            "/prometheus",
            "/site/pages",
            "/site/runbook.md");
    for (String asks : List.of("grafana", "jaeger")) {
      assertThat(services.at("/%s/environment/PROMETHEUS_URL".formatted(asks)).asText())
          .isEqualTo("http://thanos-query:10902");
    }
    assertThat(watched("prometheus/scale/targets/thanos.yml", ":10902"))
        .containsExactlyInAnyOrderElementsOf(named(services, "thanos-.*"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {CLUSTERS + "|prometheus/clusters", SCALE + "|prometheus/scale/targets"})
  void everyPartOfJaegerIsWatched(String overlays, String targets) throws IOException {
    JsonNode services = services(complete(), "docker-compose.yml," + overlays);

    assertThat(watched(targets + "/jaeger.yml", ":8888"))
        .containsExactlyInAnyOrderElementsOf(
            named(services, "(collector|ingester|jaeger)(-[0-9])?"));
    assertThat(watched(targets + "/jaeger-spanmetrics.yml", ":8889"))
        .containsExactlyInAnyOrderElementsOf(named(services, "collector(-[0-9])?"));
  }

  @Test
  void whereJaegerIsElsewhereNoneOfThisStackIsWatched() throws IOException {
    JsonNode services = services(complete(), "docker-compose.yml,compose/collectors.yml");

    assertThat(services.has("jaeger")).isFalse();
    assertThat(services.at("/prometheus/volumes"))
        .filteredOn(volume -> volume.path("target").asText().contains("/targets/jaeger"))
        .extracting(
            volume -> volume.path("target").asText(),
            volume -> root.relativize(Path.of(volume.path("source").asText())).toString())
        .containsExactlyInAnyOrder(
            tuple("/etc/prometheus/targets/jaeger.yml", "prometheus/collectors/none.yml"),
            tuple(
                "/etc/prometheus/targets/jaeger-spanmetrics.yml",
                "prometheus/collectors/none.yml"));
    assertThat(watched("prometheus/collectors/none.yml", "")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        CLUSTERS + "|prometheus/targets",
        SCALE + "|prometheus/scale/targets",
        "compose/collectors.yml|prometheus/targets"
      })
  void logLinesStayInAVictoriaLogsThatIsWatched(String overlays, String targets)
      throws IOException {
    Map<String, String> environment = complete();
    environment.remove("LOGS_ENDPOINT");
    JsonNode services = services(environment, "docker-compose.yml," + overlays);

    assertThat(services.at("/dice/environment/OTEL_EXPORTER_OTLP_LOGS_ENDPOINT").asText())
        .isEqualTo("http://victorialogs:9428/insert/opentelemetry/v1/logs");
    assertThat(watched(targets + "/victoria-logs.yml", ":9428"))
        .containsExactlyInAnyOrderElementsOf(named(services, VICTORIALOGS));
  }

  @ParameterizedTest
  @CsvSource({
    "PROMETHEUS_IMAGE,prometheus",
    "VICTORIALOGS_IMAGE,victorialogs",
    "ALERTMANAGER_IMAGE,prometheus/alertmanager",
    "NODE_EXPORTER_IMAGE,e2e/compose/node-exporter",
  })
  void whatIsTestedIsWhatIsDeployed(String variable, String program) throws IOException {
    String image = SharedStack.image(root, variable);
    String executable = Project.findProgram(root, program).toString();
    Path env = root.resolve(program).resolve("program.env");
    String argument =
        Files.readAllLines(env).stream()
            .filter(line -> line.startsWith("VERSION_ARGUMENT="))
            .collect(Collectors.joining())
            .substring("VERSION_ARGUMENT=".length());

    Command version = Command.run(root, List.of(executable, argument));

    var tested = Pattern.compile("\\d+\\.\\d+\\.\\d+").matcher(version.output() + version.errors());
    assertThat(tested.find()).isTrue();
    assertThat(image).endsWith(":" + (image.contains(":v") ? "v" : "") + tested.group());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "docker-compose.yml|prometheus|prometheus/prometheus.yml",
        "docker-compose.yml," + SCALE + "|prometheus|prometheus/scale/replica.yml",
        "docker-compose.yml," + SCALE + "|prometheus-1|prometheus/scale/replica.yml",
      })
  void anAlertSaysWhichStackItComesFromAndLinksToWhereABrowserGets(
      String files, String service, String configuration) throws IOException {
    JsonNode services = services(complete(), files);

    String text = Files.readString(root.resolve(configuration));
    for (String label : List.of("stack", "environment", "region")) {
      Matcher variable = Pattern.compile("\n    %s: \\$\\{(\\w+)}".formatted(label)).matcher(text);
      assertThat(variable.find()).as(label).isTrue();
      assertThat(services.at("/%s/environment/%s".formatted(service, variable.group(1))).asText())
          .as(label)
          .isNotEmpty();
    }
    assertThat(flags(services, service))
        .contains("--web.external-url=http://localhost:9090", "--web.route-prefix=/");
    assertThat(flags(services, "alertmanager"))
        .contains("--web.external-url=http://localhost:9093", "--web.route-prefix=/");
  }

  @Test
  void theThirtyDaysOfTheObjectivesAreKept() throws IOException {
    for (var kept :
        Map.of(
                "docker-compose.yml",
                "prometheus --storage.tsdb.retention.time=",
                "docker-compose.yml," + SCALE,
                "thanos-compact --retention.resolution-raw=")
            .entrySet()) {
      String[] where = kept.getValue().split(" ");
      assertThat(flags(services(complete(), kept.getKey()), where[0]))
          .as(kept.getValue())
          .anySatisfy(
              flag -> {
                assertThat(flag).startsWith(where[1]).endsWith("d");
                assertThat(Integer.parseInt(flag.replaceAll("\\D", ""))).isGreaterThanOrEqualTo(35);
              });
    }
  }

  @Test
  void noRuleReadsDaysOfWhatIsScraped() throws IOException {
    Pattern window = Pattern.compile("([a-zA-Z_:][\\w:]*)(\\{[^}]*})?\\[\\d+d]");
    List<String> read = new ArrayList<>();
    for (String file : List.of("objectives", "signals", "slo", "health", "alerts")) {
      window
          .matcher(Files.readString(root.resolve("prometheus/rules/%s.yml".formatted(file))))
          .results()
          .forEach(match -> read.add(match.group(1)));
    }

    // Rules record the names with a colon.
    assertThat(read)
        .contains("slo:errors:increase1m", "slo:requests:increase1m")
        .allMatch(name -> name.contains(":"));
  }

  private static List<String> flags(JsonNode services, String service) {
    List<String> flags = new ArrayList<>();
    services.at("/%s/command".formatted(service)).forEach(flag -> flags.add(flag.asText()));
    return flags;
  }

  @Test
  void everyImageIsPinned() throws IOException {
    List<String> images =
        Files.readAllLines(root.resolve(".env")).stream()
            .filter(line -> line.contains("_IMAGE="))
            .map(line -> line.substring(line.indexOf('=') + 1))
            .map(ComposeConfigIT::withoutDigest)
            .toList();
    assertThat(images).isNotEmpty().allMatch(image -> image.matches("[^@]+:v?[0-9]+\\.[0-9]+.*"));
    var used = new TreeSet<String>();
    JsonNode services = services(complete(), "docker-compose.yml," + SCALE);
    String ofDice = services.at("/dice/image").asText();
    used.add(
        withoutDigest(
            services(complete(), "docker-compose.yml,compose/images.yml")
                .at("/agent/build/args/MAVEN_IMAGE")
                .asText()));
    for (JsonNode service : services) {
      String image = service.path("image").asText();
      // Built here, on a JRE.
      used.add(
          withoutDigest(
              image.equals(ofDice) ? services.at("/dice/build/args/JRE_IMAGE").asText() : image));
    }
    assertThat(used).containsExactlyInAnyOrderElementsOf(images);
  }

  /** Removes the digest that {@code make image-digests} may have added. */
  private static String withoutDigest(String image) {
    return image.replaceFirst("@sha256:[0-9a-f]{64}$", "");
  }

  private static List<String> named(JsonNode services, String pattern) {
    return services.properties().stream()
        .map(Map.Entry::getKey)
        .filter(name -> name.matches(pattern))
        .toList();
  }

  /** Returns the services that a file of targets names with a port. */
  private List<String> watched(String file, String port) throws IOException {
    return Pattern.compile("\"([^\"]+)" + port + "\"")
        .matcher(Files.readString(root.resolve(file)))
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  private static Map<String, String> complete() {
    return new HashMap<>(
        Map.of(
            "KAFKA_BROKERS", "b-1.internal:9092",
            "CASSANDRA_SERVERS", "c-1.internal",
            "GRAFANA_ADMIN_PASSWORD_FILE", "/dev/null",
            "PRIVATE_ADDRESS", "10.0.1.23",
            "OTLP_ENDPOINT", "http://10.0.1.22:4318",
            "LOGS_ENDPOINT", "http://10.0.1.22:9428",
            "JAEGER_URL", "http://jaeger.internal:16686"));
  }

  private JsonNode services(Map<String, String> environment, String files) throws IOException {
    Command command = config(environment, files, "--format", "json");
    return JSON.readTree(command.orFail()).path("services");
  }

  private Command config(Map<String, String> environment, String files, String... arguments) {
    List<String> command = new ArrayList<>(List.of(root.resolve("tools/compose").toString()));
    for (String file : files.split(",")) {
      command.addAll(List.of("--file", file));
    }
    command.addAll(
        List.of("--profile", "traffic", "--profile", "registry", "--profile", "engines", "config"));
    command.addAll(Arrays.asList(arguments));
    return Command.run(root, environment, command);
  }
}
