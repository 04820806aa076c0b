package lapalma.agent.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatchedRouteTest {

  @ParameterizedTest
  @CsvSource({
    "'',     /,      /",
    "'',     /x/{id}, /x/{id}",
    "/api,   /x/{id}, /api/x/{id}",
    "/api,   /,       /api",
  })
  void theRouteIsThePrefixAndTheTemplateBehindIt(String prefix, String template, String route) {
    assertThat(MatchedRoute.route(prefix, template)).isEqualTo(route);
  }
}
