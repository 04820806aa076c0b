package lapalma.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import lapalma.e2e.support.Jcmd;
import lapalma.e2e.support.Load;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.SharedStack.Stack;
import lapalma.stack.Port;
import lapalma.stack.api.Exposition;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(SharedStack.class)
class MetricsIT {
  private static final Duration ARRIVES = Duration.ofSeconds(60);

  private final Stack stack;

  MetricsIT(Stack stack) {
    this.stack = stack;
  }

  @BeforeEach
  void traffic() throws IOException {
    stack.dice().get("/");
    stack.dice().get("/fail");
    stack.dice().get("/nosuch");
  }

  @Test
  void everyTargetIsScraped() {
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(stack.prometheus().api().query("up"))
                    .extracting(
                        series -> series.at("/metric/job").asText(),
                        series -> series.at("/value/1").asText())
                    .containsExactlyInAnyOrder(
                        tuple("dice", "1"),
                        tuple("dice-agent", "1"),
                        tuple("jaeger", "1"),
                        tuple("jaeger-spanmetrics", "1"),
                        tuple("probe-health", "1"),
                        tuple("probe-roll", "1"),
                        tuple("prometheus", "1"),
                        tuple("victoria-logs", "1")));
  }

  @Test
  void theAgentMeasuresTheProcess() throws Exception {
    // The metrics of garbage collection exist once there was a collection.
    Jcmd.collectGarbage(stack.dice().process());

    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(namesOf("dice-agent"))
                    .containsExactlyInAnyOrder(
                        "http_server_request_duration_seconds_bucket",
                        "http_server_request_duration_seconds_count",
                        "http_server_request_duration_seconds_sum",
                        "jvm_class_count",
                        "jvm_class_loaded_total",
                        "jvm_class_unloaded_total",
                        "jvm_cpu_count",
                        "jvm_cpu_recent_utilization",
                        "jvm_cpu_time_seconds_total",
                        "jvm_gc_duration_seconds_bucket",
                        "jvm_gc_duration_seconds_count",
                        "jvm_gc_duration_seconds_sum",
                        "jvm_memory_committed_bytes",
                        "jvm_memory_limit_bytes",
                        "jvm_memory_used_after_last_gc_bytes",
                        "jvm_memory_used_bytes",
                        "jvm_thread_count",
                        "otel_sdk_exporter_log_exported_total",
                        "otel_sdk_exporter_log_inflight",
                        "otel_sdk_exporter_operation_duration_seconds_bucket",
                        "otel_sdk_exporter_operation_duration_seconds_count",
                        "otel_sdk_exporter_operation_duration_seconds_sum",
                        "otel_sdk_exporter_span_exported_total",
                        "otel_sdk_exporter_span_inflight",
                        "otel_sdk_log_total",
                        "otel_sdk_processor_log_processed_total",
                        "otel_sdk_processor_log_queue_capacity",
                        "otel_sdk_processor_log_queue_size",
                        "otel_sdk_processor_span_processed_total",
                        "otel_sdk_processor_span_queue_capacity",
                        "otel_sdk_processor_span_queue_size",
                        "otel_sdk_span_live",
                        "otel_sdk_span_started_total",
                        "target_info",
                        "undertow_listener_connections",
                        "undertow_worker_pool_size",
                        "undertow_worker_queue_size",
                        "undertow_worker_threads_busy",
                        "undertow_worker_threads_limit"));
  }

  @Test
  void theAppMeasuresItself() {
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(namesOf("dice"))
                    .containsExactlyInAnyOrder(
                        "app_info",
                        "dice_rolls_total",
                        "dice_rolls_created",
                        "http_request_duration_seconds_bucket",
                        "http_request_duration_seconds_count",
                        "http_request_duration_seconds_created",
                        "http_request_duration_seconds_sum"));
  }

  /** Runs Prometheus' own check of names. */
  @Test
  void everyNameIsAsPrometheusWantsIt() throws Exception {
    String suffix = "non-histogram and non-summary metrics should not have \"_count\" suffix";
    // MBeans become metrics some time after the start.
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> assertThat(exposition(Port.AGENT_METRICS)).contains("undertow_worker_pool_size"));

    assertThat(promtoolFinds(Port.DICE)).isEmpty();
    assertThat(promtoolFinds(Port.AGENT_METRICS))
        // Names of the OpenTelemetry semantic conventions, and a metric of the agent's exporter.
        .containsExactlyInAnyOrder(
            "jvm_class_count " + suffix,
            "jvm_cpu_count " + suffix,
            "jvm_thread_count " + suffix,
            "target_info no help text");
  }

  private List<String> promtoolFinds(Port port) throws Exception {
    Path promtool = SharedStack.project().prometheus().resolveSibling("promtool");
    assumeTrue(Files.isExecutable(promtool), promtool + " is missing: PROMETHEUS names another");
    Process check =
        new ProcessBuilder(promtool.toString(), "check", "metrics")
            .redirectErrorStream(true)
            .start();
    try (var input = check.outputWriter()) {
      input.write(exposition(port));
    }
    return check.inputReader().lines().toList();
  }

  private String exposition(Port port) throws IOException {
    return Http.get(stack.ports().url(port) + "/metrics").body();
  }

  @Test
  void theAgentsRequestDurationHasBoundedLabelsOnly() {
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(labels("http_server_request_duration_seconds_count"))
                    .contains(
                        Map.of(
                            "http_request_method", "GET",
                            "http_route", "/",
                            "http_response_status_code", "200"),
                        Map.of(
                            "http_request_method", "GET",
                            "http_route", "/fail",
                            "http_response_status_code", "500",
                            "error_type", "500"),
                        Map.of("http_request_method", "GET", "http_response_status_code", "404"))
                    .allSatisfy(
                        labels ->
                            assertThat(labels.keySet())
                                .isSubsetOf(
                                    "http_request_method",
                                    "http_route",
                                    "http_response_status_code",
                                    "error_type")));
  }

  @Test
  void theAppsRequestDurationCarriesItsName() {
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(labels("http_request_duration_seconds_count"))
                    .contains(
                        Map.of("app", "dice-api", "method", "GET", "route", "/", "status", "200"),
                        Map.of(
                            "app", "dice-api", "method", "GET", "route", "/fail", "status", "500"),
                        Map.of(
                            "app", "dice-api", "method", "GET", "route", "none", "status", "404")));
  }

  @Test
  void workerSaturationIsSeenUnderLoad() throws IOException {
    try (Load load = Load.start(stack.ports().of(Port.DICE), 8)) {
      String busy = "undertow_worker_threads_busy";
      await().atMost(ARRIVES).untilAsserted(() -> assertThat(fromAgent(busy)).isGreaterThan(0));
      assertThat(load.lost()).isEmpty();
    }
    assertThat(fromAgent("undertow_worker_threads_limit")).isGreaterThanOrEqualTo(16);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http_server_request_duration_seconds_bucket",
        "http_request_duration_seconds_bucket"
      })
  void exemplarsLeadToTracesInJaeger(String metric) {
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              List<JsonNode> exemplars = stack.prometheus().api().exemplars(metric, Instant.EPOCH);
              assertThat(exemplars).isNotEmpty();
              for (JsonNode exemplar : exemplars) {
                String traceId = exemplar.at("/labels/trace_id").asText();
                assertThat(stack.jaeger().api().trace(traceId)).as("trace " + traceId).isNotEmpty();
              }
            });
  }

  @Test
  void scrapesLeaveNothingInTheAgentsLog() {
    // Prometheus has answered two scrapes with exemplars once it stores two.
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(
                        stack
                            .prometheus()
                            .api()
                            .query("count_over_time(up{job=\"dice-agent\"}[5m]) >= 2"))
                    .isNotEmpty());

    assertThat(stack.dice().process().logText().lines())
        .filteredOn(line -> line.startsWith("[otel.javaagent"))
        .noneMatch(line -> line.contains(" WARN ") || line.contains(" ERROR "));
  }

  private Set<String> namesOf(String job) throws IOException {
    Set<String> names = new TreeSet<>();
    for (JsonNode series :
        stack.prometheus().api().query("count by (__name__) ({job=\"%s\"})".formatted(job))) {
      names.add(series.at("/metric/__name__").asText());
    }
    // Series that Prometheus adds, and series that its rules record.
    names.removeIf(name -> name.equals("up") || name.startsWith("scrape_") || name.contains(":"));
    return names;
  }

  private List<Map<String, String>> labels(String metric) throws IOException {
    return stack.prometheus().api().query(metric).stream()
        .map(
            series -> {
              Map<String, String> labels = new TreeMap<>();
              series
                  .path("metric")
                  .properties()
                  .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
              labels.keySet().removeAll(Set.of("__name__", "job", "instance", "service"));
              return labels;
            })
        .toList();
  }

  /** Returns the current value of a gauge that has one series, as the agent serves it. */
  private double fromAgent(String gauge) throws IOException {
    return Exposition.requireSum(stack.ports().url(Port.AGENT_METRICS), gauge);
  }
}
