package lapalma.e2e.logs;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Page;
import java.time.Duration;
import java.time.Instant;
import lapalma.e2e.support.Chromium;
import lapalma.e2e.support.SharedStack;
import lapalma.e2e.support.SharedStack.Stack;
import lapalma.e2e.support.TraceContext;
import lapalma.process.InstalledChromium;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Opens VictoriaLogs' page in a browser, as the links do that the report of make up prints. */
@ExtendWith(SharedStack.class)
class LogPagesIT {
  private static final Duration ARRIVES = Duration.ofSeconds(30);
  private static final Duration AN_HOUR = Duration.ofHours(1);

  private final Stack stack;

  LogPagesIT(Stack stack) {
    this.stack = stack;
  }

  @Test
  void theLinkOfATraceShowsItsLinesAndNoOthers() throws Exception {
    assumeTrue(
        InstalledChromium.find().isPresent(),
        "There is no Chromium on this machine: CHROMIUM may name one.");
    var failure = TraceContext.random();
    var roll = TraceContext.random();
    failure.get(stack.dice().url() + "/fail");
    roll.get(stack.dice().url() + "/");
    await()
        .atMost(ARRIVES)
        .until(() -> stack.logs().api().trace(roll.traceId()), lines -> lines.size() == 1);

    try (var chromium = new Chromium(InstalledChromium.find().orElseThrow())) {
      Page page =
          chromium.open(
              stack
                  .logs()
                  .api()
                  .tracePage(
                      failure.traceId(),
                      Instant.now().minus(AN_HOUR),
                      Instant.now().plus(AN_HOUR)));

      assertThat(page.getByText("Request failed").first()).isVisible();
      assertThat(page.getByText("Dice rolled")).hasCount(0);
    }
  }
}
