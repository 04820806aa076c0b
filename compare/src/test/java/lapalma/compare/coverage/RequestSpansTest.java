package lapalma.compare.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import lapalma.compare.Fixtures;
import lapalma.compare.backend.Telemetry.Span;
import lapalma.compare.plan.App;
import org.junit.jupiter.api.Test;

class RequestSpansTest {
  private static final App DICE = Fixtures.dice();

  @Test
  void aPathCountsAsOftenAsItWasRequested() {
    // Given one span of / more than was requested, and none of /fail
    List<Span> spans = new ArrayList<>(Collections.nCopies(13, span("/", "/")));
    spans.addAll(Collections.nCopies(3, span("/missing", "")));

    // Then
    var requests = new RequestSpans(DICE, spans);
    assertThat(RequestSpans.sent(DICE, request -> !request.probe())).isEqualTo(18);
    assertThat(requests.of(request -> !request.probe(), (request, span) -> true)).isEqualTo(15);
  }

  @Test
  void onlyTheRouteThatTheFileNamesCounts() {
    // Given
    List<Span> spans = new ArrayList<>(Collections.nCopies(12, span("/", "/")));
    spans.addAll(Collections.nCopies(3, span("/fail", "/*")));

    // Then
    assertThat(
            new RequestSpans(DICE, spans)
                .of(
                    request -> !request.route().isEmpty(),
                    (request, span) -> span.route().equals(request.route())))
        .isEqualTo(12);
  }

  @Test
  void spansOfProbesAndOfTheQuestionWhetherTheAppIsReadyAreNotOfRequests() {
    // Given Fuseki, which is asked whether it is ready by its probe
    App fuseki = Fixtures.apps().get("fuseki");

    // When
    var requests =
        new RequestSpans(fuseki, List.of(span("/$/ping", "/*"), span("/dice/sparql", "/*")));

    // Then
    assertThat(requests.probes()).extracting(Span::path).containsExactly("/$/ping");
    assertThat(requests.requests()).extracting(Span::path).containsExactly("/dice/sparql");
  }

  @Test
  void spansWithoutAPathCountTogether() {
    var requests = new RequestSpans(DICE, Collections.nCopies(40, span("", "")));

    assertThat(requests.havePaths()).isFalse();
    assertThat(requests.of(request -> true, (request, span) -> true)).isEqualTo(28);
  }

  private static Span span(String path, String route) {
    return new Span(true, "GET", "", path, route, 200, false);
  }
}
