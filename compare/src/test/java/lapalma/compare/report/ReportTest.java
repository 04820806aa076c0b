package lapalma.compare.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lapalma.compare.Fixtures;
import lapalma.compare.LabException;
import lapalma.compare.app.AppLauncher;
import lapalma.compare.host.CpuPinning;
import lapalma.compare.host.RunEnvironment;
import lapalma.compare.plan.LoadProfile;
import lapalma.compare.plan.Plan;
import lapalma.compare.plan.Protocol;
import lapalma.compare.plan.Variant;
import lapalma.compare.result.Coverage;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Coverage.Finding;
import lapalma.compare.result.Measure;
import lapalma.compare.result.RunFolder;
import lapalma.compare.result.Score;
import lapalma.compare.stats.Analysis;
import lapalma.process.InstalledChromium;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final int ROUNDS = 10;

  @TempDir Path folder;
  private Path page;

  @BeforeEach
  void write() {
    // Given a run of three variants, of which one costs half as much again and one costs the same
    var run = new RunFolder(folder);
    run.write(Fixtures.plan(ROUNDS, "bare", "same", "slow"));
    Fixtures.trials(ROUNDS, Map.of("bare", 1.0, "same", 1.0, "slow", 1.5), 8).forEach(run::write);
    run.write(
        new RunEnvironment(
            Instant.parse("2026-01-01T00:00:00Z"),
            "a processor",
            2,
            1L << 34,
            "6.1",
            "a system",
            Map.of(17, "Vendor 17.0.1"),
            "wrk 4",
            "vegeta 12",
            "0123abc",
            "f".repeat(64),
            AppLauncher.jvm(Fixtures.dice().workload(), CpuPinning.of(2))));
    run.write(
        new Coverage(
            "slow", Instant.EPOCH, Map.of(Aspect.SERVER_SPANS, Finding.of(17, 18)), Set.of()));
    run.write(
        new Score(
            "slow",
            Instant.EPOCH,
            "0.1",
            "1.44.0",
            List.of(
                new Score.Verdict(
                    "MET-002",
                    Score.Impact.IMPORTANT,
                    "Units",
                    "address",
                    Score.Outcome.FAILED,
                    "1 of 2 metrics fail",
                    2,
                    1,
                    List.of("x has no unit"))),
            List.of(new Score.Name(Score.Trouble.DEPRECATED, "span", "code.lineno", 3, "Use it.")),
            List.of(),
            ""));

    // When
    page = new Report(run).write();
  }

  @Test
  void saysWhatDiffersAndWhatCannotBeToldApart() throws IOException {
    assertThat(Files.readString(folder.resolve("comparisons.csv")).lines())
        .anyMatch(line -> line.matches("cpu,µs,slow,bare,10,.*,MORE"))
        .anyMatch(line -> line.matches("cpu,µs,same,bare,10,.*,CANNOT_BE_TOLD_APART"));
    assertThat(Files.readString(folder.resolve("report.md")))
        .contains("cannot be told apart", "×1.5", "17 of 18", "glowroot: It cannot be had.");
  }

  @Test
  void saysWhichRulesFailAndWhichNamesAreWrong() throws IOException {
    assertThat(Files.readString(folder.resolve("score.csv")).lines())
        .contains("slow,MET-002,IMPORTANT,FAILED,2,1,\"1 of 2 metrics fail\",address");
    assertThat(Files.readString(folder.resolve("names.csv")).lines())
        .contains("slow,DEPRECATED,span,\"code.lineno\",3,\"Use it.\"");
  }

  @Test
  void saysWhichDifferenceTheRunCouldHaveFound() throws IOException {
    assertThat(Files.readString(folder.resolve("report.md")))
        .containsPattern("Power: with a chance of 80 %.*CPU per request, saturated ×1\\.0\\d");
    assertThat(Files.readString(folder.resolve("comparisons.csv")).lines())
        .anyMatch(line -> line.matches("cpu,µs,slow,bare,10(,[0-9.E-]+){10},MORE"));
  }

  @Test
  void keepsEveryRawValue() throws IOException {
    assertThat(Files.readString(folder.resolve("results.csv")).lines())
        .hasSize(1 + ROUNDS * 3 * Measure.values().length);
  }

  @Test
  void needsNoNetwork() throws IOException {
    assertThat(Files.readString(page))
        .doesNotContain("<script src", "<link rel=\"stylesheet", "@import");
  }

  @Test
  void tellsWhatArrivedWhereNoCostHasBeenMeasured() throws IOException {
    var run = new RunFolder(folder.resolve("told"));
    run.write(Fixtures.plan(ROUNDS, "bare", "slow"));
    var known = Map.of(Aspect.SERVER_SPANS, Finding.of(18, 18));
    run.write(new Coverage("slow", Instant.EPOCH, known, Set.of()));

    new Report(run).write();

    assertThat(Files.readString(run.path().resolve("report.md")))
        .contains("No cost has been measured.", "18 of 18");
  }

  @Test
  void namesOnItsRowWhatIsAttachedAndThatItsBackendIsAStandIn() {
    Variant plain = Fixtures.variant("vendor");
    var vendor =
        new Variant(
            plain.name(),
            plain.title(),
            plain.app(),
            plain.jdk(),
            plain.baseline(),
            plain.after(),
            new Variant.Attachment(
                "com.example:agent:1.2", "", List.of(), List.of(), Map.of(), Map.of()),
            new Variant.Telemetry(Protocol.DATADOG, "", List.of()),
            plain.note(),
            plain.byNameOnly(),
            plain.cannotRun(),
            plain.workload());
    var plan =
        new Plan(
            1,
            ROUNDS,
            LoadProfile.FULL,
            Fixtures.dice(),
            List.of(vendor),
            Map.of(),
            Map.of(),
            Map.of(),
            0);

    var row = new Tables(new Analysis(plan, List.of()), Map.of()).overview().rows().get(0);

    assertThat(row.get(0).detail()).isEqualTo("agent 1.2, to a stand-in for its backend");
  }

  @Test
  void sortsAFindingByItsCountAndOneWithoutACountByItsText() {
    var plan = Fixtures.plan(ROUNDS, "slow");
    var findings =
        Map.of(
            Aspect.SERVER_SPANS, Finding.some(5, 2, "half of 5"),
            Aspect.OUTGOING, Finding.named(List.of("traceparent"), "traceparent"));
    var coverage = Map.of("slow", new Coverage("slow", Instant.EPOCH, findings, Set.of()));

    var row = new Tables(new Analysis(plan, List.of()), coverage).coverages().rows().get(0);

    assertThat(row.get(1 + Aspect.SERVER_SPANS.ordinal()).sort()).isEqualTo(2);
    assertThat(row.get(1 + Aspect.OUTGOING.ordinal()).sort()).isNaN();
  }

  @Test
  void refusesAFolderWithoutARun() {
    assertThatThrownBy(() -> RunFolder.existing(folder.resolve("nothing")))
        .isInstanceOf(LabException.class)
        .hasMessageContaining("There is no run in");
  }

  @Test
  void drawsStepsAsAWaterfall() throws IOException {
    // Given a run in which each variant is one step from the one before
    var run = new RunFolder(folder.resolve("steps"));
    var variants =
        List.of(
            Fixtures.variant("bare"),
            Fixtures.step("defaults", "bare"),
            Fixtures.step("one", "defaults"),
            Fixtures.step("two", "one"));
    run.write(
        new Plan(
            1,
            ROUNDS,
            LoadProfile.SMOKE,
            Fixtures.dice(),
            variants,
            Map.of(),
            Map.of(),
            Map.of(),
            0));
    Fixtures.trials(ROUNDS, Map.of("bare", 1.0, "defaults", 2.0, "one", 1.5, "two", 1.75), 8)
        .forEach(run::write);

    String steps = Files.readString(new Report(run).write());

    // Then each picture has a row for each step in order, and stands in the page and beside it
    String request = Files.readString(folder.resolve("steps/steps-request.svg"));
    assertThat(request)
        .containsSubsequence("Title of bare", "Title of defaults", "Title of one", "Title of two")
        .containsSubsequence(
            "CPU per request, saturated", "×1.00 [1.00, 1.00]", "Allocated per request");
    assertThat(steps)
        .contains("<section id=\"waterfall\" >", request)
        .contains(Files.readString(folder.resolve("steps/steps-start.svg")));
    assertThat(Files.readString(page)).contains("<section id=\"waterfall\" hidden>");
    assertThat(page.resolveSibling("steps-start.svg")).doesNotExist();
  }

  @Test
  void showsTablesAndPlotsInARealBrowserOnADeskAndOnAPhone() {
    try (var playwright = playwright();
        Browser browser = browser(playwright)) {
      for (int width : List.of(1280, 390)) {
        try (Page opened =
            browser.newPage(new Browser.NewPageOptions().setViewportSize(width, 844))) {
          List<String> errors = new ArrayList<>();
          opened.onConsoleMessage(
              message -> {
                if (message.type().equals("error")) {
                  errors.add(message.text());
                }
              });
          opened.onPageError(errors::add);
          opened.navigate(page.toUri().toString());

          assertThat(opened.locator("#overview tbody tr").count()).isEqualTo(3);
          assertThat(opened.locator("#costs tbody tr").count()).isEqualTo(3);
          assertThat(opened.locator("#coverages tbody tr").count()).isEqualTo(3);
          assertThat(opened.locator("#plots svg").count()).isEqualTo(Measure.values().length);
          assertThat(opened.locator("#plots svg circle, #plots svg path").count()).isPositive();
          assertThat(opened.evaluate("document.documentElement.scrollWidth"))
              .as("width of the page, whose tables scroll by themselves")
              .isEqualTo(width);
          sorts(opened);
          assertThat(errors).isEmpty();
        }
      }
    }
  }

  private static void sorts(Page opened) {
    var heading = opened.locator("#costs thead button").nth(1 + Measure.CPU.ordinal());
    var names = opened.locator("#costs tbody th");
    heading.click();
    assertThat(names.last().textContent()).isEqualTo("Title of slow 2026-01-01");
    heading.click();
    assertThat(names.first().textContent()).isEqualTo("Title of slow 2026-01-01");
  }

  private static Playwright playwright() {
    return Playwright.create(
        new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
  }

  private static Browser browser(Playwright playwright) {
    Optional<Path> chromium = InstalledChromium.find();
    assumeTrue(
        chromium.isPresent(), "There is no Chromium on this machine: CHROMIUM may name one.");
    return playwright
        .chromium()
        .launch(
            new BrowserType.LaunchOptions()
                .setExecutablePath(chromium.orElseThrow())
                .setArgs(List.of("--no-sandbox")));
  }
}
