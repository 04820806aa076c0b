package lapalma.e2e.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import lapalma.e2e.health.AlertReceiver.Notification;
import lapalma.e2e.health.Alertmanager;
import lapalma.e2e.health.GrafanaFiles;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.Load;
import lapalma.e2e.support.RecordedSpan;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.TraceContext;
import lapalma.process.ManagedProcess;
import lapalma.stack.DiceProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.Port;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.Rules;
import lapalma.stack.api.Http;
import lapalma.stack.api.PrometheusApi;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Runs three dice, two Prometheus that scrape all of them, and the store to which both write.
 *
 * <p>Time runs fifteen times as fast: scrapes and rules come every second, 5m is 20 s.
 */
@Tag("scale")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricsScaleIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Rules RULES = new Rules(15);
  private static final Duration ARRIVES = Duration.ofMinutes(1);
  private static final Duration OUTAGE = Duration.ofSeconds(15);

  /**
   * Seconds, and scrapes. Where one copy ends, the store continues with the other after twice the
   * time between two samples, and a graph's rate covers four.
   */
  private static final int WINDOW = 4;

  private static final String RATE =
      "sum by (instance) (rate(http_server_request_duration_seconds_count{job=\"dice-agent\"}[%ds]))"
          .formatted(WINDOW);

  private final Project project = SharedStack.project();
  private final Path folder = SharedStack.newFolder("metrics-scale");
  private final Ports shared = FreePorts.forAll();
  @AutoClose private final Closer closer = new Closer();
  private final List<DiceProcess> dice = new ArrayList<>();
  private final List<Load> loads = new ArrayList<>();
  private Jaeger jaeger;
  private Alertmanager alertmanager;
  private MetricsStore store;

  @BeforeAll
  void start() throws IOException {
    jaeger = closer.register(Jaeger.start(project, shared, folder));
    alertmanager = closer.register(new Alertmanager(project, folder, RULES));
    store = closer.register(new MetricsStore(project, folder, RULES, alertmanager.target()));
    for (int i = 0; i < 3; i++) {
      dice.add(startDice(i));
    }
    store.target("dice", addresses(Port.DICE, 3));
    store.target("dice-agent", addresses(Port.AGENT_METRICS, 3));
    store.target("jaeger", List.of("127.0.0.1:" + shared.of(Port.JAEGER_METRICS)));
    store.target("jaeger-spanmetrics", List.of("127.0.0.1:" + shared.of(Port.JAEGER_SPAN_METRICS)));
    store.start();
    dice.forEach(one -> loads.add(startLoad(one)));
    await("all are watched").atMost(ARRIVES).untilAsserted(() -> assertThat(watched()).hasSize(3));
  }

  @Test
  void aSeriesIsThereOnceHoweverManyHaveScrapedAndStoredIt() throws IOException {
    String series = "up{job=\"dice-agent\"}";

    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(store.queryEveryCopy(series))
                    .extracting(
                        copy ->
                            copy.at("/metric/instance").asText()
                                + " "
                                + copy.at("/metric/replica").asText())
                    .doesNotHaveDuplicates()
                    .hasSize(3 * 2));
    // The receivers of the side that has grown share its series. The store asks one that an
    // earlier test has started again only after some seconds.
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(
                        store.queryEveryCopy(
                            "count by (receive) ({job=\"dice-agent\", replica=\"0\"})"))
                    .hasSize(2));

    assertThat(store.api().query(series))
        .extracting(one -> one.at("/metric/instance").asText())
        .containsExactlyInAnyOrderElementsOf(addresses(Port.AGENT_METRICS, 3));
    // All series of the dice that a replica has scraped are there, and none twice.
    String all = "{job=\"dice-agent\", __name__!~\".*:.*\"}";
    assertThat(labels(store.api().query(all)))
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(labels(store.ofReplica(1).query(all)));
  }

  @Test
  void aReplicaThatIsKilledLeavesNoGap() throws IOException {
    Outage outage = kill(store.replica0());

    // Its own copy has a gap, so the count finds gaps.
    assertThat(longestGap("up{job=\"dice-agent\", replica=\"0\"}", false, outage))
        .isGreaterThan(OUTAGE.minusSeconds(WINDOW));
    assertNoGap("A replica", outage);
  }

  @Test
  void aReceiverThatIsKilledLeavesNoGapAndIsSentWhatItMissed() throws IOException {
    Outage outage = kill(store.receiver0());

    assertNoGap("A receiver", outage);
    await("its own copy is whole too")
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(longestGap("up{job=\"dice-agent\", replica=\"0\"}", false, outage))
                    .isLessThanOrEqualTo(Duration.ofSeconds(WINDOW)));
  }

  /** A period in the middle of which a part was down. */
  private record Outage(Instant start, Instant end) {}

  private Outage kill(ManagedProcess process) {
    String settled =
        "count_over_time((%s > 1)[%ds:1s]) >= %d".formatted(RATE, 2 * WINDOW, 2 * WINDOW);
    await("all are rolled")
        .atMost(ARRIVES)
        .untilAsserted(() -> assertThat(store.api().query(settled)).hasSize(3));
    // At the beginning of a query, the store leaves out up to five seconds of the other copy.
    Instant start = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    awaitSamplesAfter(Duration.ofSeconds(2 * WINDOW));
    process.kill();
    process.awaitExit(ManagedProcess.READY);
    try {
      awaitSamplesAfter(OUTAGE);
    } finally {
      store.start(process);
    }
    return new Outage(start, awaitSamplesAfter(Duration.ofSeconds(2 * WINDOW)));
  }

  private void assertNoGap(String what, Outage outage) throws IOException {
    Duration gap = longestGap("up{job=\"dice-agent\"}", true, outage);
    System.out.printf(
        "%s away for %d s: longest time between two samples of a series in the store %.1f s%n",
        what, OUTAGE.toSeconds(), gap.toMillis() / 1e3);
    assertThat(gap).isLessThanOrEqualTo(Duration.ofSeconds(WINDOW));
    // The query of a graph: every step has a value of every instance, and every rate is right.
    int steps = (int) Duration.between(outage.start, outage.end).toSeconds() + 1;
    assertThat(store.api().range(RATE, outage.start, outage.end, Duration.ofSeconds(1)))
        .hasSize(3)
        .allSatisfy(line -> assertThat(line.path("values")).hasSize(steps))
        .allSatisfy(
            line ->
                assertThat(line.path("values"))
                    .allSatisfy(
                        value -> assertThat(value.path(1).asDouble()).isBetween(1.0, 60.0)));
  }

  /** Waits until the store has samples of all dice from a later time, and returns that time. */
  private Instant awaitSamplesAfter(Duration fromNow) {
    Instant then = Instant.now().plus(fromNow).truncatedTo(ChronoUnit.SECONDS);
    String newest = "min(timestamp(up{job=\"dice-agent\"}))";
    await("samples of " + then)
        .atMost(fromNow.plus(ARRIVES))
        .untilAsserted(
            () ->
                assertThat(store.api().query(newest))
                    .extracting(time -> time.at("/value/1").asDouble())
                    .allSatisfy(
                        time -> assertThat(time).isGreaterThan((double) then.getEpochSecond()))
                    .isNotEmpty());
    return then;
  }

  /** Returns the longest time without a sample over all series. */
  private Duration longestGap(String selector, boolean once, Outage outage) throws IOException {
    String promql =
        "%s[%ds] @ %d"
            .formatted(
                selector,
                Duration.between(outage.start, outage.end).toSeconds(),
                outage.end.getEpochSecond());
    List<JsonNode> series = once ? store.api().query(promql) : store.queryEveryCopy(promql);
    assertThat(series).hasSize(3);
    Duration longest = Duration.ZERO;
    for (JsonNode one : series) {
      double last = outage.start.getEpochSecond();
      for (JsonNode value : one.path("values")) {
        longest = max(longest, value.path(0).asDouble() - last);
        last = value.path(0).asDouble();
      }
      longest = max(longest, outage.end.getEpochSecond() - last);
    }
    return longest;
  }

  private static Duration max(Duration longest, double seconds) {
    Duration other = Duration.ofMillis((long) (seconds * 1000));
    return other.compareTo(longest) > 0 ? other : longest;
  }

  @Test
  void rulesAreEvaluatedOnceAndAnAlertIsOne() throws IOException {
    assertThat(groups(store.ofReplica(0))).containsExactly("store");
    assertThat(groups(store.ofReplica(1))).containsExactly("store");
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(store.queryEveryCopy("service:health:state"))
                    .hasSize(2)
                    .allSatisfy(
                        copy -> assertThat(copy.at("/metric/cluster").asText()).isEqualTo("test")));
    assertThat(store.api().query("service:health:state")).hasSize(1);
    assertThat(store.api().query("service:health:reason{reason=\"down\"}"))
        .extracting(reason -> reason.at("/value/1").asText())
        .containsExactly("0");

    dice.get(2).process().kill();
    String missing = dice.get(2).ports().of(Port.AGENT_METRICS) + "";
    Map<String, String> alert =
        new TreeMap<>(
            Map.of(
                "cluster", "test",
                "stack", "lapalma",
                "environment", "local",
                "region", "here",
                "instance", address(2) + ":" + missing,
                "job", "dice-agent",
                "service", "dice",
                "severity", "ticket",
                "tenant_id", "default-tenant"));
    try {
      awaitNotification("firing", "TargetMissing", alert);
      assertThat(alertmanager.alerts("TargetMissing"))
          .filteredOn(labels -> labels.get("job").equals("dice-agent"))
          .containsExactly(alert);
      // One of three is down.
      await()
          .atMost(ARRIVES)
          .untilAsserted(
              () ->
                  assertThat(store.api().query("service:health:reason{reason=\"down\"}"))
                      .extracting(reason -> reason.at("/value/1").asText())
                      .containsExactly("1"));
      assertThat(store.api().query("ALERTS{alertname=\"TargetMissing\", job=\"dice-agent\"}"))
          .hasSize(1);
    } finally {
      loads.get(2).close();
      dice.set(2, startDice(2));
      loads.set(2, startLoad(dice.get(2)));
    }
    awaitNotification("resolved", "TargetMissing", alert);
    // Each other ticket that comes or goes repeats the notification, but as the same alert.
    assertThat(alertmanager.notifications())
        .filteredOn(told -> told.name().equals("TargetMissing"))
        .extracting(Notification::labels)
        .filteredOn(labels -> labels.get("instance").equals(alert.get("instance")))
        .containsOnly(alert);
  }

  private void awaitNotification(String status, String alert, Map<String, String> labels) {
    await(alert + " " + status)
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(alertmanager.notifications())
                    .contains(new Notification(status, alert, labels)));
  }

  @Test
  void aRulerThatIsAwayIsToldOfByBothReplicasOnce() throws IOException {
    store.rulerPart().kill();
    Map<String, String> alert =
        Map.of(
            "cluster", "test",
            "stack", "lapalma",
            "environment", "local",
            "region", "here",
            "severity", "page");
    try {
      await("RulesNotEvaluated")
          .atMost(ARRIVES)
          .untilAsserted(
              () -> assertThat(alertmanager.alerts("RulesNotEvaluated")).containsExactly(alert));
      awaitNotification("firing", "RulesNotEvaluated", alert);
    } finally {
      store.start(store.rulerPart());
    }
    awaitNotification("resolved", "RulesNotEvaluated", alert);
  }

  @Test
  void aDiceIsFollowedThatComesAndGoes() throws IOException {
    store.target("dice-agent", addresses(Port.AGENT_METRICS, 2));

    try {
      await("it is gone")
          .atMost(ARRIVES)
          .untilAsserted(
              () ->
                  assertThat(watched())
                      .containsExactlyInAnyOrderElementsOf(addresses(Port.AGENT_METRICS, 2)));
      await("the sum is of two")
          .atMost(ARRIVES)
          .untilAsserted(
              () ->
                  assertThat(store.api().query("instance:http_server_requests:rate5m")).hasSize(2));
    } finally {
      store.target("dice-agent", addresses(Port.AGENT_METRICS, 3));
    }

    await("it is back")
        .atMost(ARRIVES)
        .untilAsserted(
            () -> assertThat(store.api().query("instance:http_server_requests:rate5m")).hasSize(3));
  }

  @Test
  void anInstanceIsTheSameInItsTracesAndInItsMetrics() throws IOException {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      var context = TraceContext.random();
      context.get(dice.get(i).url() + "/");
      String instance = addresses(Port.AGENT_METRICS, 3).get(i);
      await()
          .atMost(ARRIVES)
          .untilAsserted(
              () -> assertThat(RecordedSpan.ofTrace(jaeger, context.traceId())).isNotEmpty());
      String ofTraces =
          (String)
              RecordedSpan.ofTrace(jaeger, context.traceId())
                  .get(0)
                  .resource()
                  .get("service.instance.id");
      assertThat(ofTraces).isNotBlank();

      assertThat(store.api().query("target_info{instance=\"%s\"}".formatted(instance)))
          .extracting(info -> info.at("/metric/service_instance_id").asText())
          .containsExactly(ofTraces);
      assertThat(Http.json(jaeger.url() + tracesOfInstance(ofTraces)).path("data")).isNotEmpty();
      ids.add(ofTraces);
    }
    assertThat(ids).hasSize(3);
  }

  /** Returns Jaeger's answer to the query of the Instances dashboard. */
  private static String tracesOfInstance(String instanceId) throws IOException {
    JsonNode instances = GrafanaFiles.dashboards().get("instances.json");
    String link =
        GrafanaFiles.exploreLinks(instances)
            .get(0)
            .replace("${service}", "dice")
            .replace("${__value.raw}", instanceId);
    return GrafanaFiles.searchOf(link, Instant.now());
  }

  @Test
  void theDashboardsAndTheirExemplarsAreAnsweredByTheStore() throws IOException {
    dice.get(0).get("/fail");
    Set<String> here = Set.of("health", "service", "jvm", "instances");
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              dice.get(0).get("/fail");
              List<String> empty = new ArrayList<>();
              for (JsonNode dashboard : GrafanaFiles.dashboards().values()) {
                for (GrafanaFiles.Query query : GrafanaFiles.panelQueries(dashboard, store.api())) {
                  if (store.api().query(query.promql()).isEmpty()
                      && here.contains(dashboard.path("uid").asText())) {
                    empty.add(query.place());
                  }
                }
              }
              // These need a garbage collection, a fault or a probe.
              empty.removeIf(
                  place ->
                      place.endsWith("Firing alerts")
                          || place.endsWith("in garbage collection")
                          || place.endsWith("Garbage collections")
                          || place.contains("after garbage collection")
                          || place.contains("the probe")
                          || place.equals("health: Fairness"));
              assertThat(empty).isEmpty();
              assertThat(
                      store
                          .api()
                          .exemplars(
                              "http_server_request_duration_seconds_bucket",
                              Instant.now().minusSeconds(60)))
                  .isNotEmpty();
            });
  }

  @Test
  void theBucketGetsWhatReceiversHaveFinishedAndKeepsOneCopyOfIt() throws IOException {
    // A receiver finishes a block when it ends, and uploads it when it starts again.
    for (ManagedProcess receiver : store.receivers()) {
      receiver.close();
      store.start(receiver);
    }
    List<Block> blocks =
        await("blocks of both copies")
            .atMost(ARRIVES)
            .until(
                this::blocks,
                found ->
                    found.stream()
                        .map(block -> block.labels().get("replica"))
                        .collect(Collectors.toSet())
                        .containsAll(Set.of("0", "1")));
    print(blocks);

    store.compact();

    List<Block> left = blocks();
    print(left);
    assertThat(left).allSatisfy(one -> assertThat(one.labels()).containsOnlyKeys("tenant_id"));
    long before = blocks.stream().mapToLong(Block::samples).sum();
    long after = left.stream().mapToLong(Block::samples).sum();
    assertThat(after).isBetween(before * 45 / 100, before * 60 / 100);
    await("the store gateway has them")
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(store.api().query("thanos_bucket_store_blocks_loaded"))
                    .extracting(loaded -> loaded.at("/value/1").asInt())
                    .containsExactly(left.size()));
  }

  /**
   * A block in the bucket.
   *
   * @param labels of the part that uploaded it
   * @param chunks bytes
   * @param index bytes
   */
  private record Block(
      Map<String, String> labels, long samples, long series, long chunks, long index) {}

  private List<Block> blocks() throws IOException {
    List<Block> blocks = new ArrayList<>();
    for (Path file : filesIn(store.bucket(), "meta.json")) {
      JsonNode meta = JSON.readTree(file.toFile());
      Map<String, String> labels = new TreeMap<>();
      meta.at("/thanos/labels")
          .properties()
          .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
      long chunks = 0;
      for (Path segment : filesIn(file.resolveSibling("chunks"), "")) {
        chunks += Files.size(segment);
      }
      blocks.add(
          new Block(
              labels,
              meta.at("/stats/numSamples").asLong(),
              meta.at("/stats/numSeries").asLong(),
              chunks,
              Files.size(file.resolveSibling("index"))));
    }
    return blocks;
  }

  private static void print(List<Block> blocks) {
    double samples = blocks.stream().mapToLong(Block::samples).sum();
    double series = blocks.stream().mapToLong(Block::series).sum();
    System.out.printf(
        "%d blocks: %.0f samples of %.0f series, %.2f bytes a sample, %.0f a series for the index%n",
        blocks.size(),
        samples,
        series,
        blocks.stream().mapToLong(Block::chunks).sum() / samples,
        blocks.stream().mapToLong(Block::index).sum() / series);
  }

  private static List<Path> filesIn(Path folder, String name) throws IOException {
    try (var files = Files.walk(folder)) {
      return files
          .filter(file -> Files.isRegularFile(file) && file.toString().endsWith(name))
          .toList();
    }
  }

  @Test
  void anInstanceHasAFewHundredSeriesAndBothReplicasDoTheSame() throws IOException {
    String eachSeries = "count by (job, instance) ({job=~\"dice|dice-agent\"})";
    String eachSecond =
        "sum by (instance) (rate(prometheus_tsdb_head_samples_appended_total{job=\"prometheus\"}[20s]))";
    // Until the windows hold no part that an earlier test had stopped.
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              Map<String, Double> series = values(eachSeries, "job", "instance");
              assertThat(series).hasSize(6);
              assertThat(series.values())
                  .allSatisfy(count -> assertThat(count).isBetween(30.0, 200.0));
              Map<String, Double> samples = values(eachSecond, "instance");
              assertThat(samples).hasSize(2);
              double mean =
                  samples.values().stream().mapToDouble(Double::doubleValue).average().orElse(0);
              assertThat(samples.values())
                  .allSatisfy(each -> assertThat(each).isCloseTo(mean, withinPercentage(20)));
            });
    System.out.println("Series: " + values(eachSeries, "job", "instance"));
    System.out.println("Samples a second: " + values(eachSecond, "instance"));
    System.out.println(
        "CPU, seconds a second: "
            + values("rate(process_cpu_seconds_total[20s])", "job", "instance"));
    System.out.println(
        "Resident memory, MiB at most: "
            + values(
                "max_over_time(process_resident_memory_bytes[10m]) / 1048576", "job", "instance"));
  }

  private Map<String, Double> values(String promql, String... by) throws IOException {
    Map<String, Double> values = new TreeMap<>();
    for (JsonNode one : store.api().query(promql)) {
      List<String> names = new ArrayList<>();
      for (String label : by) {
        names.add(one.at("/metric/" + label).asText());
      }
      values.put(String.join(" ", names), one.at("/value/1").asDouble());
    }
    return values;
  }

  private List<String> groups(PrometheusApi prometheus) throws IOException {
    return Http.json(prometheus.url() + "/api/v1/rules")
        .at("/data/groups")
        .findValuesAsText("file")
        .stream()
        .map(file -> Path.of(file).getFileName().toString().replace(".yml", ""))
        .toList();
  }

  private List<String> watched() throws IOException {
    return store.api().query("up{job=\"dice-agent\"} == 1").stream()
        .map(up -> up.at("/metric/instance").asText())
        .toList();
  }

  /** Returns the labels of each series, without those that a store adds. */
  private static List<Set<String>> labels(List<JsonNode> series) {
    return series.stream()
        .map(
            one -> {
              Set<String> labels = new TreeSet<>();
              one.path("metric")
                  .properties()
                  .forEach(label -> labels.add(label.getKey() + "=" + label.getValue().asText()));
              labels.removeIf(
                  label -> label.matches("(cluster|stack|environment|region|tenant_id)=.*"));
              return labels;
            })
        .toList();
  }

  private DiceProcess startDice(int number) {
    Map<Port, Integer> numbers = new EnumMap<>(shared.numbers());
    Ports own = number < dice.size() ? dice.get(number).ports() : FreePorts.forAll();
    for (Port port : List.of(Port.DICE, Port.AGENT_METRICS)) {
      numbers.put(port, own.of(port));
    }
    Path data = folder.resolve("dice-" + number);
    return closer.register(
        DiceProcess.startAttached(
            project,
            new Ports(numbers),
            data,
            Map.of(
                "JAVA_TOOL_OPTIONS", "-Xmx96m",
                "LOG_LEVEL", "ERROR",
                "OTEL_EXPORTER_PROMETHEUS_HOST", "0.0.0.0")));
  }

  private Load startLoad(DiceProcess target) {
    return closer.register(Load.start(target.ports().of(Port.DICE), 2, 100));
  }

  /** Each dice stands for a machine and has its own address. */
  private static String address(int number) {
    return "127.0.0." + (number + 1);
  }

  private List<String> addresses(Port port, int count) {
    List<String> addresses = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      addresses.add(address(i) + ":" + dice.get(i).ports().of(port));
    }
    return addresses;
  }
}
