package lapalma.e2e.jaeger;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import lapalma.e2e.support.Chromium;
import lapalma.e2e.support.Closer;
import lapalma.e2e.support.FreePorts;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.TraceContext;
import lapalma.process.ManagedProcess;
import lapalma.stack.DiceProcess;
import lapalma.stack.Jaeger;
import lapalma.stack.PlayerProcess;
import lapalma.stack.Ports;
import lapalma.stack.Project;
import lapalma.stack.VictoriaLogs;
import lapalma.stack.api.JaegerApi;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Opens the pages of a Jaeger that has some in a browser. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JaegerPagesIT {
  private static final Duration ARRIVES = Duration.ofSeconds(30);
  private static final String GRAFANA = "http://grafana.example:3000";

  /** The docs' example of an app that a reader brings: no stack has it. */
  private static final String APP_OF_THE_READER = "shop";

  private final Project project = SharedStack.project();
  private final Ports ports = FreePorts.forAll();
  private final Path folder = SharedStack.newFolder("jaeger-pages");
  private final TraceContext roll = TraceContext.random();
  @AutoClose private final Closer closer = new Closer();
  private Jaeger jaeger;
  private Chromium chromium;

  @BeforeAll
  void start() throws IOException {
    VictoriaLogs logs = closer.register(VictoriaLogs.start(project, ports, folder));
    jaeger =
        closer.register(
            Jaeger.start(
                project,
                ports,
                folder,
                Map.of("GRAFANA_URL", GRAFANA, "VICTORIALOGS_EXTERNAL_URL", logs.url())));
    assumeTrue(
        jaeger.hasUi(),
        "This Jaeger has no pages: set JAEGER to one that has, or JAEGER_UI to a folder of built"
            + " assets for it.");
    chromium = closer.register(Chromium.start());
    DiceProcess dice = closer.register(DiceProcess.startAttached(project, ports, folder, Map.of()));
    roll.get(dice.url() + "/");
    dice.get("/fail");
    await()
        .atMost(ARRIVES)
        .untilAsserted(
            () ->
                assertThat(jaeger.api().traces("dice", Instant.now().minusSeconds(600)))
                    .hasSize(2));
  }

  /** Returns the links of the docs that have nothing left to fill in, to services of the stack. */
  static List<String> searchLinks() throws IOException {
    String docs = "";
    for (String file : List.of("README.md", "jaeger/README.md")) {
      docs += Files.readString(SharedStack.project().root().resolve(file));
    }
    return JaegerSearchLink.in(docs).stream()
        .filter(link -> !link.service().equals(APP_OF_THE_READER))
        .map(JaegerSearchLink::text)
        .distinct()
        .toList();
  }

  @ParameterizedTest
  @MethodSource("searchLinks")
  void aLinkOfTheDocsListsTraces(String link) {
    Page page = chromium.open(jaeger.url() + link);

    assertThat(page.getByText("dice: GET /fail").first()).isVisible();
    assertThat(page.getByText("Failed to fetch")).hasCount(0);
  }

  @Test
  void theMenuHasASearchForFailedRequests() {
    Page page = chromium.open(jaeger.url() + "/search");

    page.getByText("Searches of dice").first().hover();
    page.getByText("Failed requests").first().click();

    assertThat(page.getByText("dice: GET /fail").first()).isVisible();
    assertThat(page.getByText(Pattern.compile("^dice: GET /$"))).hasCount(0);
  }

  @Test
  void whileNobodyCallsDiceTheMenuHasNoArchitectureAndNoOtherSearches() {
    Page page = chromium.open(jaeger.url() + "/search");

    assertThat(page.getByText("Searches of dice").first()).isVisible();
    assertThat(page.getByText("System Architecture")).hasCount(0);
    assertThat(page.getByText("Searches of player")).hasCount(0);
  }

  @Test
  void theArchitectureShowsWhoCallsDice() throws IOException {
    Ports others = FreePorts.forAll();
    Path data = SharedStack.newFolder("jaeger-architecture");
    try (Jaeger called =
            Jaeger.start(project, others, data, Map.of("JAEGER_BASE_PATH", "/jaeger"));
        DiceProcess dice = DiceProcess.startAttached(project, others, data, Map.of());
        ManagedProcess player = PlayerProcess.start(project.root(), others, data, Map.of())) {
      JaegerApi api = new JaegerApi(called.url() + "/jaeger");
      await()
          .atMost(ARRIVES)
          .failFast("the player has ended", player::requireAlive)
          .untilAsserted(
              () ->
                  assertThat(api.traces("dice", Instant.now().minusSeconds(600)))
                      .as("calls of %s", dice.url())
                      .anySatisfy(trace -> assertThat(trace.rootName()).startsWith("Player.")));
      Page page =
          chromium.open(
              api.tracePage(api.traces("player", Instant.now().minusSeconds(600)).get(0).id()));

      assertThat(page.getByText("Searches of player").first()).isVisible();
      page.getByText("System Architecture").first().click();

      assertThat(page).hasURL(Pattern.compile("/jaeger/dependencies"));
      assertThat(page.getByText(Pattern.compile("^player$")).first()).isVisible();
      assertThat(page.getByText(Pattern.compile("No service dependencies"))).hasCount(0);
    }
  }

  @Test
  void withoutAGrafanaAndVictoriaLogsNothingLeadsThere() throws IOException {
    try (Jaeger alone =
        Jaeger.start(project, FreePorts.forAll(), SharedStack.newFolder("no-grafana"))) {
      Page page = chromium.open(alone.url() + "/search");

      assertThat(page.evaluate("getJaegerUiConfig().linkPatterns")).isEqualTo(List.of());
    }
  }

  @Test
  void thePageOfATraceShowsItsSpans() {
    Page page = chromium.open(jaeger.api().tracePage(roll.traceId()));

    assertThat(page.getByText("Dice.roll").first()).isVisible();
  }

  @Test
  void aTraceLeadsToItsLogLines() {
    Page page = chromium.open(jaeger.api().tracePage(roll.traceId()));

    // Of several links, the title shows one symbol that lists them.
    page.getByTestId("dropdown").click();
    Page lines = page.waitForPopup(() -> page.getByText("Log lines of this trace").click());

    assertThat(lines.getByText("Dice rolled").first()).isVisible();
    assertThat(lines.getByText("Request failed")).hasCount(0);
  }

  @Test
  void aRouteLeadsToItsDashboardInGrafana() {
    Page page = chromium.open(jaeger.api().tracePage(roll.traceId()));

    page.locator(".span-name").first().click();
    page.getByText(Pattern.compile("^(Tags|Attributes):?$")).first().click();

    assertThat(page.locator("a[href^='%s']".formatted(GRAFANA)))
        .hasAttribute(
            "href",
            Pattern.compile(
                "^http://grafana\\.example:3000/d/service\\?var-route=%2F&from=\\d+&to=\\d+$"));
  }
}
