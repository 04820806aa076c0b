package lapalma.e2e.support;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import lapalma.process.InstalledChromium;

/** A headless Chromium of this machine. */
public final class Chromium implements AutoCloseable {
  private static final double SHOWS_MILLIS = 60_000;

  /** A trace, a log line, an alert's section or rule, or a target. */
  private static final Pattern DATA =
      Pattern.compile("dice: GET|player: Player.roll|Dice rolled|DiceDown|dice-agent");

  private final Playwright playwright;
  private final Browser browser;

  private Chromium(Path executable) {
    PlaywrightAssertions.setDefaultAssertionTimeout(SHOWS_MILLIS);
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(executable)
                    .setArgs(List.of("--no-sandbox")));
  }

  /** Starts this machine's Chromium. Without one, the test is skipped. */
  public static Chromium start() {
    Optional<Path> installed = InstalledChromium.find();
    assumeTrue(
        installed.isPresent(), "There is no Chromium on this machine: CHROMIUM may name one.");
    return new Chromium(installed.get());
  }

  public Page open(String url) {
    Page page = browser.newPage(new Browser.NewPageOptions().setViewportSize(1400, 900));
    page.setDefaultTimeout(SHOWS_MILLIS);
    page.navigate(url);
    return page;
  }

  /**
   * Requires that some links are there, and that each leads to a page that shows data of dice or
   * the player.
   */
  public void requireDataBehind(Locator links) {
    assertThat(links.last()).isVisible();
    for (Object link : (List<?>) links.evaluateAll("all => all.map(one => one.href)")) {
      Page page = open(link.toString());
      try {
        assertThat(page.getByText(DATA).first()).isVisible();
      } catch (AssertionError e) {
        throw new AssertionError(link + " shows no data:\n" + page.innerText("body"), e);
      }
    }
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
