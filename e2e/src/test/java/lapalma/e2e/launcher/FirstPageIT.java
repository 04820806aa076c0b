package lapalma.e2e.launcher;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.list;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import lapalma.e2e.support.Chromium;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.SharedStack.Stack;
import lapalma.stack.api.Http;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Opens the first page of the stack, and the runbook, in a browser. */
@ExtendWith(SharedStack.class)
class FirstPageIT {
  /** The rules are evaluated every 15 s. */
  private static final Duration EVALUATED = Duration.ofSeconds(60);

  private final Stack stack;
  @AutoClose private Chromium chromium;

  FirstPageIT(Stack stack) {
    this.stack = stack;
  }

  @BeforeEach
  void start() {
    chromium = Chromium.start();
  }

  @Test
  void itShowsTheHealthTheRatesAndTheLatestFailureWithItsTraceAndItsLogLines() throws Exception {
    Http.get(stack.dice().url() + "/");
    Http.get(stack.dice().url() + "/fail");
    Page page = chromium.open(stack.prometheus().page());

    assertThat(page.getByText(Pattern.compile("^dice is (healthy|degraded|unhealthy)")))
        .isVisible();
    assertThat(page.locator("figure").filter(hasText("Heap used"))).containsText("MiB");
    Locator failure = page.locator("#requests li").filter(hasText("Latest failure"));
    assertThat(failure).containsText("dice: GET /fail");
    assertThat(failure).containsText("500, Intentional failure");
    assertThat(page.locator("#requests li").filter(hasText("Latest roll")))
        .containsText(Pattern.compile("rolled [1-6]"));
    chromium.requireDataBehind(page.locator("#links a"));

    failure.getByText("Trace").click();
    // Jaeger's page, or, if this Jaeger has none, the trace on the first page.
    assertThat(page).hasURL(Pattern.compile("trace[/=][0-9a-f]{32}$"));
    assertThat(page.getByText("GET /fail").first()).isVisible();
    page.goBack();
    failure.getByText("Log lines").click();

    assertThat(page.getByText("Request failed").first()).isVisible();
    assertThat(page.getByText("Dice rolled")).hasCount(0);
    assertThat(page.getByText("Intentional failure").first()).isVisible();
  }

  @Test
  void whatAnAlertOrASpanSaysIsTextAndNoMarkup() {
    String hostile = "<img src=x onerror=document.title=1>";
    try (Page page = chromium.open("about:blank")) {
      page.route(
          "**/api/v1/alerts?*",
          route ->
              answer(
                  route,
                  """
                  {"data": {"alerts": [{"state": "firing", "activeAt": "2026-01-01T00:00:00Z",
                    "labels": {"alertname": "%1$s", "severity": "page"},
                    "annotations": {"summary": "%1$s", "runbook_url": "javascript:alert(1)",
                      "logs_url": "http://logs/?query=_time%%3A1h"}}]}}
                  """
                      .formatted(hostile)));
      page.route(
          "**/api/v3/traces/*",
          route ->
              answer(
                  route,
                  """
                  {"result": {"resourceSpans": [{"resource": {"attributes": [
                      {"key": "service.name", "value": {"stringValue": "%1$s"}}]},
                    "scopeSpans": [{"spans": [{"name": "%1$s", "spanId": "1",
                      "startTimeUnixNano": "1", "endTimeUnixNano": "2",
                      "attributes": [{"key": "%1$s", "value": {"stringValue": "%1$s"}}]}]}]}]}}
                  """
                      .formatted(hostile)));
      page.navigate(stack.prometheus().page() + "#trace=" + "1".repeat(32));

      assertThat(page.locator("#alerts strong")).hasText(hostile);
      assertThat(page.locator("#trace dt")).hasText(hostile);
      assertThat(page.locator("img")).hasCount(0);
      // The search of the log lines begins an hour before the alert.
      assertThat(page.locator("#alerts a"))
          .hasAttribute(
              "href",
              Pattern.compile("^http://logs/\\?query=_time%3A%5B2025-12-31T23:00:00\\.000Z%2C"));
    }
  }

  @Test
  void anAlertLeadsToItsSectionOfTheRunbook() throws IOException {
    await()
        .atMost(EVALUATED)
        .untilAsserted(
            () ->
                assertThat(stack.prometheus().api().query("ALERTS{alertname='Watchdog'}"))
                    .isNotEmpty());
    JsonNode watchdog = null;
    for (JsonNode alert :
        Http.json(stack.prometheus().url() + "/api/v1/alerts").at("/data/alerts")) {
      if (alert.at("/labels/alertname").asText().equals("Watchdog")) {
        watchdog = alert;
      }
    }
    Page page = chromium.open(watchdog.at("/annotations/runbook_url").asText());

    assertThat(page.locator("h3:target")).hasText("Watchdog");
    assertThat(page.locator("#watchdog")).isInViewport();
    List<String> alerts = new ArrayList<>();
    for (JsonNode group : stack.prometheus().api().rules()) {
      for (JsonNode rule : group.path("rules")) {
        if (rule.path("type").asText().equals("alerting")) {
          alerts.add(rule.path("name").asText().toLowerCase(Locale.ROOT));
        }
      }
    }
    assertThat(page.evaluate("[...document.querySelectorAll('h3')].map(one => one.id)"))
        .asInstanceOf(list(String.class))
        .containsAll(alerts);
  }

  private static Locator.FilterOptions hasText(String text) {
    return new Locator.FilterOptions().setHasText(text);
  }

  private static void answer(Route route, String json) {
    route.fulfill(
        new Route.FulfillOptions()
            .setHeaders(Map.of("access-control-allow-origin", "*"))
            .setContentType("application/json")
            .setBody(json));
  }
}
