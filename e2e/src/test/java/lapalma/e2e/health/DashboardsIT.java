package lapalma.e2e.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lapalma.e2e.health.GrafanaFiles.Query;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.Jcmd;
import lapalma.e2e.support.Load;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.SharedStack.Stack;
import lapalma.stack.Port;
import lapalma.stack.Prometheus;
import lapalma.stack.api.Http;
import lapalma.stack.api.PrometheusApi;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs the dashboards' queries against the real parts, without Grafana. */
@ExtendWith(SharedStack.class)
class DashboardsIT {
  private static final Duration ARRIVES = Duration.ofMinutes(2);
  private static final Pattern LINK = Pattern.compile("/d/([a-z]+)");

  /**
   * The number of rolls from which fairness is judged, and some more for those before the first
   * scrape.
   */
  private static final int ROLLS = 800;

  /** Queries that are empty while all is well. {@link #theFaultFillsThem} fills them. */
  private static final Set<String> EMPTY_WITHOUT_A_FAULT =
      Set.of(
          // It has a row for each alert that fires.
          "health: Firing alerts",
          // It has a mark for each alert that fires.
          "health: Alerts",
          "service: Alerts",
          "instances: Alerts",
          "jvm: Alerts",
          "host: Alerts",
          "stack: Alerts");

  /** The annotations on every dashboard. */
  private static final List<String> MARKS = List.of("Starts", "Releases", "Alerts");

  /**
   * The reason why this stack may lack series, by the beginning of their names. Queries for such
   * series have to be empty exactly where Prometheus has none of them.
   */
  private static final Map<String, String> NOT_HERE =
      Map.of(
          "node_", "node-exporter runs beside the containers only",
          "container_", "cAdvisor runs beside the containers only",
          "alertmanager_", "Alertmanager may not be part of the shared stack",
          "prometheus_notifications_sent_", "nor does Prometheus send it alerts then",
          "prometheus_remote_storage_queue_", "one Prometheus keeps its series itself");

  private final Stack stack;

  DashboardsIT(Stack stack) {
    this.stack = stack;
  }

  @Test
  void everyQueryHasAResult() throws Exception {
    stack.dice().get("/fail");
    stack.dice().get("/nosuch");
    awaitScraped();
    // The metrics of garbage collection exist once there was a collection.
    Jcmd.collectGarbage(stack.dice().process());
    rollAtLeast(ROLLS);

    Set<String> absent = absentPrefixes();
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              // So that the shortest windows have samples.
              stack.dice().get("/");
              stack.dice().get("/fail");
              stack.jaeger().api().traces("dice", Instant.now().minusSeconds(10));
              assertThat(wrongResults(absent)).isEmpty();
            });

    print(absent);
  }

  @Test
  void theListOfWhatIsNotHereIsExact() throws IOException {
    List<Query> queries = allQueries();
    for (String prefix : NOT_HERE.keySet()) {
      assertThat(queries).as(prefix).anyMatch(query -> asksFor(Set.of(prefix), query.promql()));
    }
    assertThat(queries).extracting(Query::place).containsAll(EMPTY_WITHOUT_A_FAULT);
  }

  @Test
  void aSpanLeadsToTheMetricsOfItsRoute() throws IOException {
    stack.dice().get("/");
    List<String> queries =
        Pattern.compile("(?m)^ +query: (.+)$")
            .matcher(
                datasources()
                    .replaceFirst("(?s)^.+?\n      tracesToMetrics:\n", "")
                    .replaceFirst("(?s)\n\n.+$", ""))
            .results()
            .map(query -> query.group(1).replace("$$__tags", "http_route=\"/\""))
            .toList();
    assertThat(queries).hasSize(3);
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              stack.dice().get("/");
              for (String query : queries) {
                assertThat(resultOf(new Query("a span", query, false))).as(query).isNotEmpty();
              }
            });
  }

  @Test
  void aSpanLeadsToTheLogLinesOfItsTraceAndALineBack() throws IOException {
    assertThat(datasources())
        .contains("      tracesToLogsV2:\n        datasourceUid: victorialogs\n")
        .contains("        customQuery: true\n")
        .contains("        query: trace_id:=\"$${__trace.traceId}\"\n")
        .contains(
            "- { name: trace_id, matcherType: label, matcherRegex: trace_id,"
                + " url: \"$${__value.raw}\", datasourceUid: jaeger,");
    assertThat(Files.readString(GrafanaFiles.folder().resolve("grafana.env")))
        .containsPattern(
            "\nGF_PLUGINS_PREINSTALL=victoriametrics-logs-datasource@\\d+\\.\\d+\\.\\d+\n");
  }

  @Test
  void panelsOfLogLinesAskVictoriaLogsForTheLinesThatTheirTitlesName() {
    Map<String, String> expressions = new TreeMap<>();
    GrafanaFiles.dashboards()
        .forEach(
            (file, dashboard) -> {
              for (JsonNode panel : GrafanaFiles.panels(dashboard)) {
                if (panel.path("type").asText().equals("logs")) {
                  String place = GrafanaFiles.place(dashboard, panel);
                  JsonNode target = panel.at("/targets/0");
                  assertThat(panel.path("targets")).as(place).hasSize(1);
                  assertThat(Stream.of(panel, target).map(one -> one.path("datasource").toString()))
                      .as(place)
                      .containsOnly(
                          "{\"type\":\"victoriametrics-logs-datasource\",\"uid\":\"victorialogs\"}");
                  // The plugin's name for single lines, which it sorts and limits.
                  assertThat(target.path("queryType").asText()).as(place).isEqualTo("instant");
                  assertThat(target.path("maxLines").asInt()).as(place).isEqualTo(100);
                  expressions.put(place, target.path("expr").asText());
                }
              }
            });

    String named =
        " | format if (exception.type:*) \"<_msg>: <exception.type>: <exception.message>\" as _msg";
    assertThat(expressions)
        .containsExactly(
            entry(
                "health: Log lines: WARN or worse",
                "{service.name=\"$service\"} severity_number:>=13" + named),
            entry(
                "service: Log lines",
                "{service.name=\"$service\",service.instance.id in ($process)}" + named));
  }

  @Test
  void everyVariableHasChoices() throws IOException {
    stack.dice().get("/");
    stack.dice().get("/fail");
    Set<String> absent = absentPrefixes();
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              for (JsonNode dashboard : GrafanaFiles.dashboards().values()) {
                for (JsonNode variable : dashboard.at("/templating/list")) {
                  if (variable.path("type").asText().equals("query")) {
                    List<String> choices = choicesOf(dashboard, variable.path("name").asText());
                    assertThat(choices.isEmpty())
                        .as(GrafanaFiles.place(dashboard, variable) + " has " + choices)
                        .isEqualTo(asksFor(absent, variable.at("/query/query").asText()));
                  }
                }
              }
            });
    JsonNode service = GrafanaFiles.dashboards().get("service.json");
    assertThat(choicesOf(service, "service")).containsExactly("dice");
    assertThat(choicesOf(service, "route")).contains("/", "/fail");
    assertThat(choicesOf(service, "instance")).containsExactly("127.0.0.1");
    assertThat(choicesOf(service, "process"))
        .singleElement(InstanceOfAssertFactories.STRING)
        .matches("[0-9a-f-]{36}");
  }

  @Test
  void theFaultFillsThem() {
    // A Prometheus whose other targets do not exist.
    Path data = SharedStack.newFolder("nothing-answers");
    try (var prometheus = Prometheus.start(SharedStack.project(), FreePorts.forAll(), data)) {
      await()
          .atMost(ARRIVES)
          .untilAsserted(
              () -> {
                List<Query> queries = allQueries(prometheus.api());
                queries.removeIf(query -> !EMPTY_WITHOUT_A_FAULT.contains(query.place()));
                assertThat(queries)
                    .extracting(Query::place)
                    .containsExactlyInAnyOrderElementsOf(EMPTY_WITHOUT_A_FAULT);
                for (Query query : queries) {
                  assertThat(prometheus.api().query(query.promql()))
                      .as(query.place())
                      .isNotEmpty()
                      .allSatisfy(
                          alert ->
                              assertThat(alert.at("/metric/runbook").asText()).matches(RUNBOOK));
                }
                assertThat(prometheus.api().query("service:health:state"))
                    .extracting(state -> state.at("/value/1").asText())
                    .containsExactly("2");
              });
    }
  }

  /** The link to the runbook in the row of a firing alert. */
  private static final Pattern RUNBOOK =
      Pattern.compile("http://.+/consoles/runbook\\.html#[a-z]+");

  @Test
  void aFiringAlertLeadsToItsSectionOfTheRunbook() {
    JsonNode health = GrafanaFiles.dashboards().get("health.json");
    List<JsonNode> links = new ArrayList<>();
    for (JsonNode panel : GrafanaFiles.panels(health)) {
      if (panel.path("title").asText().equals("Firing alerts")) {
        assertThat(panel.at("/transformations/0/options/include/names"))
            .extracting(JsonNode::asText)
            .contains("alertname", "severity", "runbook");
        for (JsonNode override : panel.at("/fieldConfig/overrides")) {
          if (override.at("/matcher/options").asText().equals("runbook")) {
            links.addAll(override.findValues("url"));
          }
        }
      }
    }
    // theFaultFillsThem asserts the content of the label, and check-rules that the section
    // exists.
    assertThat(links).extracting(JsonNode::asText).containsExactly("${__value.raw}");
  }

  @Test
  void theHeatMapsExemplarLeadsToATraceInJaeger() throws IOException {
    stack.dice().get("/");
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              JsonNode health = GrafanaFiles.dashboards().get("health.json");
              List<Query> withExemplars =
                  GrafanaFiles.panelQueries(health, stack.prometheus().api()).stream()
                      .filter(Query::exemplars)
                      .toList();
              assertThat(withExemplars).isNotEmpty();
              for (Query query : withExemplars) {
                List<JsonNode> exemplars =
                    stack.prometheus().api().exemplars(query.promql(), Instant.EPOCH);
                assertThat(exemplars).as(query.place()).isNotEmpty();
                String label = exemplarLabel();
                String traceId = exemplars.get(0).path("labels").path(label).asText();
                assertThat(stack.jaeger().api().trace(traceId)).as("trace " + traceId).isNotEmpty();
              }
            });
  }

  @Test
  void linksToFailingTracesFindThem() throws IOException {
    stack.dice().get("/fail");
    List<String> links = GrafanaFiles.exploreLinks(GrafanaFiles.dashboards().get("health.json"));
    assertThat(links).hasSizeGreaterThanOrEqualTo(2);

    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              for (String link : links) {
                JsonNode traces = tracesOf(link);
                assertThat(traces).as(link).isNotEmpty();
                assertThat(traces)
                    .allSatisfy(
                        trace -> assertThat(trace.findValuesAsText("key")).contains("error"));
              }
            });
  }

  @Test
  void anInstanceLeadsToItsTraces() throws IOException {
    stack.dice().get("/");
    List<String> links = GrafanaFiles.exploreLinks(GrafanaFiles.dashboards().get("instances.json"));
    assertThat(links).hasSize(1);

    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () -> {
              String instance =
                  stack
                      .prometheus()
                      .api()
                      .query("target_info{job=\"dice-agent\"}")
                      .get(0)
                      .at("/metric/service_instance_id")
                      .asText();
              JsonNode traces = tracesOf(links.get(0).replace("${__value.raw}", instance));
              assertThat(traces).as(instance).isNotEmpty();
              assertThat(traces)
                  .allSatisfy(
                      trace -> assertThat(trace.findValuesAsText("value")).contains(instance));
            });
  }

  /** Returns Jaeger's answer for a link to Explore, with the parameters of Grafana's datasource. */
  private JsonNode tracesOf(String link) throws IOException {
    String times =
        link.replace("${service}", "dice")
            .replace("${__from}", "" + Instant.now().minusSeconds(900).toEpochMilli())
            .replace("${__to}", "" + Instant.now().toEpochMilli());
    return Http.json(stack.jaeger().url() + GrafanaFiles.searchOf(times, Instant.now()))
        .path("data");
  }

  @Test
  void onlyProvisionedUidsAreUsed() throws IOException {
    Set<String> datasources =
        new HashSet<>(
            Pattern.compile("(?m)^    uid: (\\S+)$")
                .matcher(datasources())
                .results()
                .map(uid -> uid.group(1))
                .toList());
    assertThat(datasources)
        .containsExactlyInAnyOrder("prometheus", "jaeger", "victorialogs", "alertmanager");

    Map<String, JsonNode> dashboards = GrafanaFiles.dashboards();
    assertThat(dashboards.keySet())
        .containsExactlyInAnyOrder(
            "health.json", "service.json", "instances.json", "jvm.json", "host.json", "stack.json");
    dashboards.forEach(
        (file, dashboard) -> {
          for (JsonNode datasource : dashboard.findValues("datasource")) {
            assertThat(datasource.path("uid").asText().replace("${datasource}", "prometheus"))
                .as(file)
                .isIn(datasources);
          }
          assertThat(dashboard.toString()).as(file).doesNotContain("${DS_");
          for (JsonNode url : dashboard.findValues("url")) {
            var target = LINK.matcher(url.asText());
            // A label of the series may hold the whole link.
            if (!url.asText().startsWith(GrafanaFiles.EXPLORE)
                && !url.asText().equals("${__value.raw}")) {
              assertThat(target.matches()).as(file + " links to " + url.asText()).isTrue();
              assertThat(dashboards).as(file).containsKey(target.group(1) + ".json");
            }
          }
        });
  }

  @Test
  void everyVariableOfTheProvisioningHasADefault() throws IOException {
    String defaults = Files.readString(GrafanaFiles.folder().resolve("grafana.env"));
    for (String file : List.of("datasources/datasources.yml", "dashboards/dashboards.yml")) {
      List<String> names =
          Pattern.compile("(?m)^ +(?:url|path|prometheusType): (.+)$")
              .matcher(Files.readString(GrafanaFiles.folder().resolve("provisioning/" + file)))
              .results()
              .map(name -> name.group(1))
              .toList();
      assertThat(names).isNotEmpty().allMatch(name -> name.matches("\\$[A-Z_]+"));
      for (String name : names) {
        assertThat(defaults).contains("\n" + name.substring(1) + "=");
      }
    }
  }

  /** Returns the label from which the Prometheus datasource takes a trace's id. */
  private static String exemplarLabel() throws IOException {
    var matcher =
        Pattern.compile(
                "exemplarTraceIdDestinations:\\s+- name: (\\S+)\\s+datasourceUid: jaeger\\s")
            .matcher(datasources());
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }

  private static String datasources() throws IOException {
    return Files.readString(
        GrafanaFiles.folder().resolve("provisioning/datasources/datasources.yml"));
  }

  private List<String> choicesOf(JsonNode dashboard, String name) throws IOException {
    return GrafanaFiles.choices(dashboard, name, stack.prometheus().api());
  }

  private void awaitScraped() {
    String fromDice = "dice_rolls_total and on (instance) (up{job=\"dice\"} == 1)";
    await()
        .atMost(ARRIVES)
        .untilAsserted(() -> assertThat(stack.prometheus().api().query(fromDice)).isNotEmpty());
  }

  private void rollAtLeast(int rolls) {
    try (Load load = Load.start(stack.ports().of(Port.DICE), 2)) {
      load.awaitAnswered(rolls);
    }
  }

  private Set<String> absentPrefixes() throws IOException {
    Set<String> absent = new HashSet<>();
    for (String prefix : NOT_HERE.keySet()) {
      if (stack
          .prometheus()
          .api()
          .query("count({__name__=~\"%s.+\"})".formatted(prefix))
          .isEmpty()) {
        absent.add(prefix);
      }
    }
    return absent;
  }

  /** Returns whether a query needs a series that begins with one of the prefixes. */
  private static boolean asksFor(Set<String> prefixes, String promql) {
    return !promql.endsWith(" or vector(0)")
        && prefixes.stream()
            .anyMatch(prefix -> Pattern.compile("\\b" + prefix).matcher(promql).find());
  }

  private List<Query> allQueries() throws IOException {
    return allQueries(stack.prometheus().api());
  }

  private static List<Query> allQueries(PrometheusApi prometheus) throws IOException {
    List<Query> queries = new ArrayList<>();
    for (JsonNode dashboard : GrafanaFiles.dashboards().values()) {
      queries.addAll(GrafanaFiles.panelQueries(dashboard, prometheus));
      queries.addAll(GrafanaFiles.annotationQueries(dashboard, prometheus));
    }
    return queries;
  }

  /** Returns the queries whose result is empty where it must not be, or the other way round. */
  private List<String> wrongResults(Set<String> absent) throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Query query : allQueries()) {
      boolean empty;
      boolean expected;
      if (EMPTY_WITHOUT_A_FAULT.contains(query.place())) {
        // At this moment: whether an alert fired a minute ago depends on earlier tests.
        empty = stack.prometheus().api().query(query.promql()).isEmpty();
        expected = !anAlertFires();
      } else {
        empty = resultOf(query).isEmpty();
        expected = asksFor(absent, query.promql());
      }
      if (empty != expected) {
        wrong.add(
            "%s is %s: %s".formatted(query.place(), empty ? "empty" : "not empty", query.promql()));
      }
    }
    return wrong;
  }

  /** Returns whether any alert fires besides Watchdog, which always fires. */
  private boolean anAlertFires() throws IOException {
    return !stack
        .prometheus()
        .api()
        .query("ALERTS{alertstate=\"firing\", severity!=\"none\"}")
        .isEmpty();
  }

  /**
   * Returns the series of a range query over the last minutes that have a value that is not NaN.
   */
  private List<JsonNode> resultOf(Query query) throws IOException {
    Instant now = Instant.now();
    // Starts and releases are marked once, and the stack may be older than some minutes.
    boolean isMark = MARKS.stream().anyMatch(mark -> query.place().endsWith(": " + mark));
    JsonNode answer =
        Http.json(
            "%s/api/v1/query_range?query=%s&start=%s&end=%s&step=5"
                .formatted(
                    stack.prometheus().url(),
                    Http.encode(query.promql()),
                    now.minusSeconds(isMark ? 3600 : 300),
                    now));
    List<JsonNode> series = new ArrayList<>();
    for (JsonNode one : answer.at("/data/result")) {
      for (JsonNode value : one.path("values")) {
        if (!value.path(1).asText().equals("NaN")) {
          series.add(one);
          break;
        }
      }
    }
    return series;
  }

  private void print(Set<String> absent) throws IOException {
    List<Query> proven = new ArrayList<>(allQueries());
    proven.removeIf(
        query -> asksFor(absent, query.promql()) || EMPTY_WITHOUT_A_FAULT.contains(query.place()));
    long panels =
        proven.stream()
            .map(Query::place)
            .filter(place -> MARKS.stream().noneMatch(mark -> place.endsWith(": " + mark)))
            .distinct()
            .count();
    int all =
        GrafanaFiles.dashboards().values().stream()
            .mapToInt(dashboard -> GrafanaFiles.panels(dashboard).size())
            .sum();
    System.out.printf(
        "%d panels, %d queries proven, of %d and %d; not here: %s%n",
        panels, proven.size(), all, allQueries().size(), new TreeMap<>(NOT_HERE));
  }
}
