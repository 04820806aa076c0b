package lapalma.e2e.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lapalma.e2e.support.SharedStack;
import lapalma.stack.Project;
import lapalma.stack.Rules;
import lapalma.stack.api.Exposition;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs a real Alertmanager with the project's configuration and with alerts that the tests send.
 *
 * <p>Time runs twenty times as fast: a page waits for a second.
 */
class AlertmanagerIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Rules RULES = new Rules(20);
  private static final Duration ARRIVES = Duration.ofSeconds(30);
  private static final String STACK = "stack=lapalma environment=production region=us-east-1 ";

  private final Project project = SharedStack.project();

  @Test
  void asItIsItSendsNothingAndFailsAtNothing() throws IOException {
    try (var alertmanager = start("")) {
      send(alertmanager, alert(STACK + "alertname=DiceDown severity=page job=dice"));

      await("the page has been processed")
          .atMost(ARRIVES)
          .untilAsserted(
              () ->
                  assertThat(
                          Exposition.sum(
                              alertmanager.url(),
                              "alertmanager_dispatcher_alert_processing_duration_seconds_count"))
                      .isPositive());
      await("its group has been processed, which waits for a second")
          .during(Duration.ofSeconds(3))
          .atMost(ARRIVES)
          .untilAsserted(
              () -> {
                assertThat(Exposition.sum(alertmanager.url(), "alertmanager_notifications_total"))
                    .isZero();
                assertThat(
                        Exposition.sum(
                            alertmanager.url(), "alertmanager_notifications_failed_total"))
                    .isZero();
              });
      assertThat(alertmanager.alertsNamed("DiceDown").get(0).at("/receivers/0/name").asText())
          .isEqualTo("sends-nothing");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // A dice that is down explains its targets and nothing else: budgets mean that users
        // notice.
        "alertname=DiceDown severity=page job=dice | alertname=TargetMissing job=dice instance=a:5000 | true",
        "alertname=DiceDown severity=page job=dice | alertname=TargetMissing job=cadvisor instance=a:8080 | false",
        "alertname=DiceDown severity=page job=dice | alertname=ErrorBudgetBurnsFast slo=availability | false",
        "alertname=DiceDown severity=page job=dice | alertname=ReachabilityBurnsFast slo=reachability | true",
        "alertname=DiceDown severity=page job=dice-agent | alertname=ReachabilityBurnsFast slo=reachability | false",
        "alertname=ErrorBudgetBurnsFast slo=availability | alertname=ReachabilityBurnsFast slo=reachability | true",
        "alertname=ErrorBudgetBurnsFast slo=latency | alertname=ReachabilityBurnsFast slo=reachability | false",
        "alertname=ReachabilityBurnsFast slo=reachability | alertname=ReachabilityBurnsSlowly slo=reachability | true",
        "alertname=ReachabilityBurnsFast slo=reachability | alertname=ErrorBudgetBurnsFast slo=availability | false",
        "alertname=TargetMissing job=cadvisor | alertname=ErrorBudgetBurnsFast slo=availability | false",
        "alertname=TargetMissing severity=page job=dice instance=a:5000 | alertname=ErrorBudgetBurnsFast slo=latency | false",
        "alertname=TargetMissing job=dice-agent instance=a:9464 | alertname=DiceRestarting instance=a:9464 | true",
        "alertname=TargetMissing job=dice-agent instance=a:9464 | alertname=DiceRestarting instance=b:9464 | false",
        "alertname=TargetMissing job=jaeger instance=j:8888 | alertname=AgentExportFailing instance=a:9464 signal=spans | true",
        "alertname=TargetMissing job=jaeger instance=j:8888 | alertname=AgentExportFailing instance=a:9464 signal=log lines | false",
        "alertname=TargetMissing job=jaeger instance=ingester:8888 | alertname=AgentExportFailing instance=a:9464 signal=spans | false",
        "alertname=TargetMissing job=victoria-logs instance=l:9428 | alertname=AgentExportFailing instance=a:9464 signal=log lines | true",
        "alertname=TargetMissing job=victoria-logs instance=log-storage-0:9428 | alertname=AgentExportFailing instance=a:9464 signal=log lines | false",
        "alertname=TargetMissing job=victoria-logs instance=l:9428 | alertname=AgentExportFailing instance=a:9464 signal=spans | false",
        "alertname=ErrorBudgetBurnsFast slo=latency | alertname=ErrorBudgetBurnsSlowly slo=latency | true",
        "alertname=ErrorBudgetBurnsFast slo=latency | alertname=ErrorBudgetBurnsSlowly slo=availability | false",
        "alertname=ErrorBudgetBurnsFast slo=latency | alertname=LatencyHigh http_route=/ | true",
        "alertname=ErrorBudgetBurnsFast slo=availability | alertname=LatencyHigh http_route=/ | false",
        // What explains an alert is of the same service.
        "alertname=ServiceDown job=service service=shop | alertname=ReachabilityBurnsFast service=shop | true",
        "alertname=DiceDown job=dice service=dice | alertname=ReachabilityBurnsFast service=shop | false",
        "alertname=ErrorBudgetBurnsFast slo=latency service=dice | alertname=LatencyHigh service=shop | false",
      })
  void anAlertIsHeldBackOnlyByOneThatExplainsIt(String source, String target, boolean heldBack)
      throws IOException {
    try (var alertmanager = start("")) {
      send(alertmanager, alert(STACK + source), alert(STACK + target));

      awaitHeldBack(alertmanager, target, heldBack);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "stack=other environment=production region=us-east-1",
    "stack=lapalma environment=staging region=us-east-1",
    "stack=lapalma environment=production region=sa-east-1",
  })
  void anotherStacksAlertIsNotHeldBack(String other) throws IOException {
    String target = "alertname=AgentExportFailing instance=a:9464 signal=spans";
    try (var alertmanager = start("")) {
      send(
          alertmanager,
          alert(STACK + "alertname=TargetMissing job=jaeger instance=j:8888"),
          alert(other + " " + target));

      awaitHeldBack(alertmanager, target, false);
    }
  }

  @Test
  void aMessageSaysWhatIsWrongWhereAndWhatToDo() throws IOException {
    String slack =
        """
            slack_configs:
              - api_url_file: receiver-url
                send_resolved: true
        """;
    try (var alertmanager = start(slack)) {
      send(
          alertmanager,
          alert(
              STACK + "alertname=DiceDown severity=page job=dice",
              "summary",
              "0 instances of job dice answer Prometheus.",
              "runbook_url",
              "https://docs/runbook.md#dicedown",
              "dashboard_url",
              "https://grafana/d/health",
              "traces_url",
              "https://jaeger/search",
              "logs_url",
              "https://logs/select/vmui/"));

      JsonNode message = awaitMessage(alertmanager);
      assertThat(message.path("title").asText())
          .isEqualTo(
              "0 instances of job dice answer Prometheus. [lapalma production us-east-1, page]");
      assertThat(message.path("text").asText().strip())
          .isEqualTo(
              """
              0 instances of job dice answer Prometheus.
              What to do: https://docs/runbook.md#dicedown
              Dashboard: https://grafana/d/health
              Traces: https://jaeger/search
              Log lines: https://logs/select/vmui/""");
    }
  }

  @Test
  void aMessageHasNoLinkThatLeadsNowhere() throws IOException {
    String slack =
        """
            slack_configs:
              - api_url_file: receiver-url
        """;
    try (var alertmanager = start(slack)) {
      send(
          alertmanager,
          alert(
              STACK + "alertname=ErrorBudgetBurnsFast severity=page slo=availability",
              "summary",
              "GET / misses its availability objective.",
              "runbook_url",
              "https://docs/runbook.md#errorbudgetburnsfast",
              "traces_url",
              "",
              "logs_url",
              ""));

      assertThat(awaitMessage(alertmanager).path("text").asText().strip())
          .isEqualTo(
              """
              GET / misses its availability objective.
              What to do: https://docs/runbook.md#errorbudgetburnsfast""");
    }
  }

  @Test
  void aPageOfAnotherKindHasItsOwnMessageAndItsTitleIsWhatStillFires() throws IOException {
    String slack =
        """
            slack_configs:
              - api_url_file: receiver-url
                send_resolved: true
        """;
    var unfair = alert(STACK + "alertname=DiceUnfair severity=page", "summary", "It is loaded.");
    String down = STACK + "alertname=DiceDown severity=page job=";
    var agent = alert(down + "dice-agent", "summary", "The agent is down.");
    try (var alertmanager = start(slack)) {
      send(alertmanager, unfair);
      awaitTitles(alertmanager, "It is loaded.");

      send(alertmanager, alert(down + "dice", "summary", "Dice is down."), agent);
      awaitTitles(alertmanager, "It is loaded.", "Dice is down. 2 alerts in all.");

      Map<String, Object> resolved =
          new HashMap<>(alert(down + "dice", "summary", "Dice is down."));
      resolved.put("endsAt", Instant.now().toString());
      send(alertmanager, resolved);
      awaitTitles(
          alertmanager, "It is loaded.", "Dice is down. 2 alerts in all.", "The agent is down.");
    }
  }

  private static void awaitTitles(Alertmanager alertmanager, String... titles) {
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(alertmanager.receiver().messages())
                    .extracting(message -> message.at("/attachments/0/title").asText())
                    .containsExactlyElementsOf(
                        Stream.of(titles)
                            .map(title -> title + " [lapalma production us-east-1, page]")
                            .toList()));
  }

  /** Slack shows what SNS would get, as SNS itself refuses a subject of 100 characters. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "lapalma",
        "a-stack-whose-name-has-eighty-characters-and-so-does-not-fit-into-such-a-subject"
      })
  void aSubjectForSnsIsCutToNinetyNineCharacters(String stack) throws IOException {
    String slack =
        """
            slack_configs:
              - api_url_file: receiver-url
                title: '{{ template "sns.default.subject" . }}'
        """;
    String whole = "DiceDown [%s production us-east-1, page]".formatted(stack);
    try (var alertmanager = start(slack)) {
      send(
          alertmanager,
          alert(
              STACK.replace("stack=lapalma", "stack=" + stack)
                  + "alertname=DiceDown severity=page job=dice"));

      JsonNode message = awaitMessage(alertmanager);
      assertThat(message.path("title").asText())
          .isEqualTo(whole.substring(0, Math.min(99, whole.length())));
    }
  }

  private Alertmanager start(String ops) throws IOException {
    return new Alertmanager(project, SharedStack.newFolder("alertmanager"), RULES, ops);
  }

  /** Waits for the first message in Slack's form, and returns its attachment. */
  private static JsonNode awaitMessage(Alertmanager alertmanager) {
    await()
        .atMost(ARRIVES)
        .untilAsserted(() -> assertThat(alertmanager.receiver().messages()).isNotEmpty());
    return alertmanager.receiver().messages().get(0).at("/attachments/0");
  }

  private static void awaitHeldBack(Alertmanager alertmanager, String target, boolean heldBack) {
    String name = labels(target).get("alertname");
    await(target)
        // An alert that is not inhibited yet may be so in a moment.
        .during(heldBack ? Duration.ZERO : Duration.ofSeconds(1))
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(alertmanager.alertsNamed(name))
                    .extracting(alert -> !alert.at("/status/inhibitedBy").isEmpty())
                    .containsExactly(heldBack));
  }

  /** Reads {@code name=value name=value}. A value may hold spaces. */
  private static Map<String, String> labels(String text) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (String label : text.split(" (?=\\w+=)")) {
      labels.put(label.split("=")[0], label.split("=", 2)[1]);
    }
    return labels;
  }

  /** Returns an alert as Prometheus sends it. */
  private static Map<String, Object> alert(String labels, String... annotations) {
    Map<String, String> named = new LinkedHashMap<>();
    for (int i = 0; i < annotations.length; i += 2) {
      named.put(annotations[i], annotations[i + 1]);
    }
    return Map.of("labels", labels(labels), "annotations", named);
  }

  @SafeVarargs
  @SuppressWarnings("varargs") // they are only read
  private static void send(Alertmanager alertmanager, Map<String, Object>... alerts)
      throws IOException {
    var answer =
        Http.send(
            HttpRequest.newBuilder(URI.create(alertmanager.url() + "/api/v2/alerts"))
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(List.of(alerts)))));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }
}
