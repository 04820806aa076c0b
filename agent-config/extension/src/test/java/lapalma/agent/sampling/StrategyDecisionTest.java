package lapalma.agent.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrategyDecisionTest {
  private static final double BY_DEFAULT = 0.9;

  private final StrategyDecision decision =
      new StrategyDecision(
          new Strategy(
              BY_DEFAULT,
              Map.of(
                  "GET /", 0.01,
                  "GET /items/{id}", 0.02,
                  "GET /items/new", 0.03,
                  "GET /items/{id}/parts/*", 0.04,
                  "GET /items/*", 0.05,
                  "POST /items/{id}", 0.06,
                  "PUT", 0.07,
                  "tidy up", 0.08),
              OptionalInt.empty(),
              0),
          () -> 0);

  @ParameterizedTest
  @CsvSource({
    "GET,  /,                   0.01",
    "GET,  '',                  0.01",
    "GET,  /items/4711,         0.02",
    "GET,  /items/4711/,        0.02",
    "GET,  /items//4711,        0.02",
    "GET,  /items/new,          0.03",
    "GET,  /items/newer,        0.02",
    "GET,  /items/ne,           0.02",
    "GET,  /itemses,            0.9",
    "GET,  /items/1/parts/2/3,  0.04",
    "GET,  /items/1/parts,      0.04",
    "GET,  /items,              0.05",
    "GET,  /items/1/other,      0.05",
    "POST, /items/4711,         0.06",
    "POST, /items/4711/more,    0.9",
    "PUT,  /items/4711,         0.07",
    "GET,  /other,              0.9",
    "HEAD, /,                   0.9",
  })
  void theMostSpecificTemplateThatMatchesDecides(String method, String path, double rate) {
    assertThat(rate(method, method, path)).isEqualTo(rate);
  }

  @Test
  void aLongPathIsComparedWithNoTemplate() {
    String path = "/items/" + "x".repeat(2048);

    assertThat(rate("GET", "GET", path)).isEqualTo(BY_DEFAULT);
  }

  @Test
  void whatIsNoRequestGoesByItsName() {
    assertThat(rate("tidy up", null, null)).isEqualTo(0.08);
    assertThat(rate("something else", null, null)).isEqualTo(BY_DEFAULT);
  }

  private double rate(String name, String method, String path) {
    double threshold = decision.share(name, method, path).dropsBelow();
    return Math.round(100 * (1 - threshold / Share.THRESHOLDS)) / 100.0;
  }
}
