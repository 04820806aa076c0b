package lapalma.agent.route;

import static io.opentelemetry.sdk.testing.assertj.OpenTelemetryAssertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.trace.data.EventData;
import io.undertow.Handlers;
import java.net.http.HttpClient.Version;
import java.util.List;
import lapalma.agent.weaving.Telemetry;
import lapalma.agent.weaving.Weaving;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The exception that a handler attaches, on the span that upstream makes. */
class HandledExceptionAdviceTest {
  @RegisterExtension
  @Order(1)
  static final Telemetry telemetry = Telemetry.create();

  @RegisterExtension
  @Order(2)
  static final Weaving weaving = Weaving.besideUpstream(UndertowRouteInstrumentationModule::new);

  private static RoutedServer server;

  @BeforeAll
  static void start() throws Exception {
    server =
        RoutedServer.start(
            Handlers.path()
                .addExactPath("/attached", new FailingHandlers.AttachesAndEnds())
                .addExactPath(
                    "/dispatched",
                    exchange -> exchange.dispatch(new FailingHandlers.AttachesAndEnds()))
                .addExactPath("/thrown", new FailingHandlers.Throws())
                .addExactPath(
                    "/thrown-dispatched",
                    exchange -> exchange.dispatch(new FailingHandlers.Throws()))
                .addExactPath("/none", exchange -> exchange.setStatusCode(500).endExchange()),
            Version.HTTP_1_1);
    // The first request takes seconds: it loads the client, and upstream's instrumenter.
    server.get("/none");
    telemetry.awaitSpans(1);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** In "attached" and "dispatched" the handler returns after the exchange has ended. */
  @ParameterizedTest
  @CsvSource({
    "/attached, no dice",
    "/dispatched, no dice",
    "/thrown, thrown",
    "/thrown-dispatched, thrown"
  })
  void theSpanHasItOnce(String path, String message) throws Exception {
    assertThat(server.get(path).statusCode()).isEqualTo(500);

    assertThat(eventsOfTheSpan())
        .singleElement()
        .satisfies(
            event ->
                assertThat(event.getAttributes())
                    .containsEntry("exception.type", IllegalStateException.class.getName())
                    .containsEntry("exception.message", message)
                    .containsKey(AttributeKey.stringKey("exception.stacktrace")));
  }

  @Test
  void aFailureWithoutAnExceptionHasNone() throws Exception {
    assertThat(server.get("/none").statusCode()).isEqualTo(500);

    assertThat(eventsOfTheSpan()).isEmpty();
  }

  private static List<EventData> eventsOfTheSpan() {
    return telemetry.awaitSpans(1).get(0).getEvents();
  }
}
