package lapalma.compare.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lapalma.compare.Fixtures;
import lapalma.compare.result.Coverage.Aspect;
import lapalma.compare.result.Coverage.Finding;
import lapalma.compare.result.Measure;
import lapalma.compare.result.Results;
import lapalma.compare.result.RunFolder;
import lapalma.process.InstalledChromium;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Opens pages in a real browser, on a screen of a laptop and of a phone. */
class ReportPageTest {
  private static final int HEIGHT = 800;
  private static final Path PUBLISHED = Path.of("../docs/report/report.html").toAbsolutePath();

  @TempDir static Path folder;
  private static Playwright playwright;
  private static Browser browser;

  /** Sixteen variants with long names; the last costs twelve times as much as no agent. */
  private static Path large;

  @BeforeAll
  static void start() {
    Optional<Path> chromium = InstalledChromium.find();
    assumeTrue(
        chromium.isPresent(), "There is no Chromium on this machine: CHROMIUM may name one.");
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(chromium.orElseThrow())
                    .setArgs(List.of("--no-sandbox")));
    large = largeReport();
  }

  private static Path largeReport() {
    var run = new RunFolder(folder);
    Map<String, Double> effects = new LinkedHashMap<>();
    effects.put("bare", 1.0);
    for (int i = 1; i <= 15; i++) {
      effects.put("agent number %d of a vendor, a tenth of the traces".formatted(i), 0.8 * i);
    }
    run.write(Fixtures.plan(6, effects.keySet().toArray(String[]::new)));
    Fixtures.trials(6, effects, 8).forEach(run::write);
    effects
        .keySet()
        .forEach(
            variant -> run.write(Fixtures.coverage(variant, Finding.of(17, 18), Aspect.values())));
    String dearest = "agent number 15 of a vendor, a tenth of the traces";
    run.write(Fixtures.coverage(dearest, Finding.of(18, 18), Aspect.SERVER_SPANS, Aspect.ROUTE));
    return new Report(List.of(Results.read(folder))).write(folder);
  }

  @AfterAll
  static void stop() {
    if (playwright != null) {
      playwright.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"1280, LIGHT", "1280, DARK", "390, LIGHT", "390, DARK"})
  void thePublishedAnswerIsOnTheFirstScreen(int width, ColorScheme scheme) {
    shows(PUBLISHED, width, scheme, "every request traced");
  }

  @ParameterizedTest
  @CsvSource({"1280, LIGHT", "390, DARK"})
  void manyVariantsWithLongNamesHaveRoom(int width, ColorScheme scheme) {
    shows(large, width, scheme, "agent number 15 of a vendor");
  }

  private static void shows(Path report, int width, ColorScheme scheme, String answer) {
    List<String> errors = new ArrayList<>();
    try (Page page = open(report, width, scheme, errors)) {
      var first = page.locator("#answer-dice tbody tr").first();
      assertThat(first.textContent()).contains(answer);
      assertThat(first.boundingBox().y + first.boundingBox().height)
          .as("end of the first answer")
          .isLessThan(HEIGHT);
      assertThat(page.evaluate("getComputedStyle(document.body).backgroundColor"))
          .isEqualTo(scheme == ColorScheme.DARK ? "rgb(20, 24, 31)" : "rgb(255, 255, 255)");

      page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })");
      assertThat(page.evaluate("document.documentElement.scrollWidth"))
          .as("width of the page, whose tables scroll by themselves")
          .isEqualTo(width);
      if (width == 1280) {
        assertThat(found(page, "section > .wide", "one.scrollWidth > one.clientWidth"))
            .as("tables that do not fit a laptop, but for those that are folded")
            .isEmpty();
      }
      assertThat(page.locator("figure .row circle").count()).isPositive();
      assertThat(found(page, ".row .name", "one.scrollHeight > one.clientHeight + 1"))
          .as("names that are cut off")
          .isEmpty();
      assertThat(found(page, ".row", "collide([...one.children])"))
          .as("rows whose name, drawing and figure collide")
          .isEmpty();
      assertThat(found(page, ".row.axis svg", "collide([...one.querySelectorAll('text')])"))
          .as("axes whose labels collide")
          .isEmpty();
      assertThat(errors).isEmpty();
    }
  }

  @Test
  void aHeadingSortsByTheKeyboard() {
    List<String> errors = new ArrayList<>();
    try (Page page = open(large, 1280, ColorScheme.LIGHT, errors)) {
      var heading = page.locator("#requests-dice thead button").nth(3);
      assertThat(heading.textContent()).isEqualTo(Measure.CPU.title());
      var names = page.locator("#requests-dice tbody th");

      heading.focus();
      page.keyboard().press("Enter");
      assertThat(names.last().textContent()).contains("number 15");
      page.keyboard().press("Enter");
      assertThat(names.first().textContent()).contains("number 15");
      assertThat(page.locator("#requests-dice th[aria-sort=descending]").count()).isEqualTo(1);
      assertThat(errors).isEmpty();
    }
  }

  private static Page open(Path report, int width, ColorScheme scheme, List<String> errors) {
    Page page =
        browser.newPage(
            new Browser.NewPageOptions().setViewportSize(width, HEIGHT).setColorScheme(scheme));
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error")) {
            errors.add(message.text());
          }
        });
    page.onPageError(errors::add);
    page.navigate(report.toUri().toString());
    return page;
  }

  /** Returns the texts of the elements that fulfil a condition. */
  private static List<?> found(Page page, String selector, String condition) {
    return (List<?>)
        page.evaluate(
            """
            (() => {
              const collide = parts => {
                const boxes = parts.map(one => one.getBoundingClientRect()).filter(one => one.width > 0);
                return boxes.some((one, i) => i > 0 && one.left < boxes[i - 1].right);
              };
              return [...document.querySelectorAll('%s')].filter(one => %s).map(one => one.textContent);
            })()"""
                .formatted(selector, condition));
  }
}
