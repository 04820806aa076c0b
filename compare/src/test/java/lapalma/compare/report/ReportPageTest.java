package lapalma.compare.report;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.InputStream;
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

  /** A checker of accessibility, as JavaScript. */
  private static final String AXE = axe();

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
      effects.put("agent number %d of a vendor with a tenth of the traces".formatted(i), 0.8 * i);
    }
    run.write(Fixtures.plan(6, effects.keySet().toArray(String[]::new)));
    Fixtures.trials(6, effects, 8).forEach(run::write);
    effects
        .keySet()
        .forEach(
            variant -> run.write(Fixtures.coverage(variant, Finding.of(17, 18), Aspect.values())));
    String dearest = "agent number 15 of a vendor with a tenth of the traces";
    run.write(Fixtures.coverage(dearest, Finding.of(18, 18), Aspect.SERVER_SPANS, Aspect.ROUTE));
    return Report.of(List.of(Results.read(folder))).write(folder);
  }

  private static String axe() {
    try (InputStream script = AxeBuilder.class.getResourceAsStream("/axe.min.js")) {
      return new String(script.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void printsInAFewPages() {
    try (Page page = open(PUBLISHED, 1280, ColorScheme.DARK, new ArrayList<>())) {
      String pdf = new String(page.pdf(), ISO_8859_1);

      assertThat(pdf.split("/Type */Page\\b", -1).length - 1).isBetween(1, 8);
    }
  }

  @AfterAll
  static void stop() {
    if (playwright != null) {
      playwright.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"1280, LIGHT", "1280, DARK", "390, LIGHT", "390, DARK"})
  void thePublishedPageShowsRatiosAndFitsTheScreen(int width, ColorScheme scheme) {
    shows(PUBLISHED, width, scheme);
  }

  @ParameterizedTest
  @CsvSource({"1280, LIGHT", "390, DARK"})
  void manyVariantsWithLongNamesHaveRoom(int width, ColorScheme scheme) {
    shows(large, width, scheme);
  }

  private static void shows(Path report, int width, ColorScheme scheme) {
    List<String> errors = new ArrayList<>();
    try (Page page = open(report, width, scheme, errors)) {
      assertThat(page.evaluate("getComputedStyle(document.body).backgroundColor"))
          .isEqualTo(scheme == ColorScheme.DARK ? "rgb(20, 24, 31)" : "rgb(255, 255, 255)");
      assertThat(page.evaluate("document.documentElement.scrollWidth"))
          .as("width of the page, whose tables scroll by themselves")
          .isEqualTo(width);
      assertThat(page.locator("#ratios circle").count()).isPositive();
      assertThat(
              page.evaluate(
                  """
                  (() => {
                    const boxes = [...document.querySelectorAll('#ratios thead text')].map(one => one.getBoundingClientRect());
                    return boxes.length > 1 && boxes.every((one, i) => i === 0 || one.left >= boxes[i - 1].right);
                  })()"""))
          .as("the axis has labels, which do not collide")
          .isEqualTo(true);
      assertThat(page.locator("#facts li").count()).isGreaterThan(1);
      page.evaluate(AXE);
      assertThat(
              (List<?>)
                  page.evaluate(
                      "axe.run().then(found => found.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html).join()))"))
          .as("what axe finds")
          .isEmpty();
      assertThat(errors).isEmpty();
    }
  }

  @Test
  void rowsAreSortedByRatioAndTheAddressKeepsTheChoice() {
    List<String> errors = new ArrayList<>();
    try (Page page = open(large, 1280, ColorScheme.LIGHT, errors)) {
      page.locator("#measure").selectOption(Measure.CPU.id());
      var names = page.locator("#ratios tbody th");
      assertThat(names.first().textContent()).contains("number 1 ");
      assertThat(names.last().textContent()).contains("number 15");

      page.locator("#rows input").nth(15).uncheck();
      assertThat(names.last().textContent()).contains("number 14");

      page.reload();
      assertThat(page.locator("#heading").textContent()).containsIgnoringCase(Measure.CPU.title());
      assertThat(names.last().textContent()).contains("number 14");
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
}
