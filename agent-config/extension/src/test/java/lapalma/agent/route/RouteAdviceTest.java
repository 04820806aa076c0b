package lapalma.agent.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import lapalma.agent.weaving.Telemetry;
import lapalma.agent.weaving.Weaving;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The advice of the route beside upstream's, in a server of this JVM. */
class RouteAdviceTest {
  private static final String UNSAMPLED = "00-5c17c2a3b5d0e1f2a3b4c5d6e7f80912-a1b2c3d4e5f60718-00";

  @RegisterExtension
  @Order(1)
  static final Telemetry telemetry = Telemetry.create();

  @RegisterExtension
  @Order(2)
  static final Weaving weaving = Weaving.besideUpstream(UndertowRouteInstrumentationModule::new);

  private static ExecutorService executor;
  private static RoutedServer http1;
  private static RoutedServer http2;

  @BeforeAll
  static void start() throws Exception {
    executor = Executors.newSingleThreadExecutor();
    http1 = RoutedServer.start(Routes.handler(executor), Version.HTTP_1_1);
    http2 = RoutedServer.start(Routes.handler(executor), Version.HTTP_2);
    // The request that upgrades the connection passes the handlers twice; the next ones do not.
    http2.get("/plain/upgrade");
    telemetry.awaitSpans(2);
  }

  @AfterAll
  static void stop() {
    http2.close();
    http1.close();
    executor.shutdown();
  }

  static Stream<Arguments> requests() {
    return Stream.of(Version.values())
        .flatMap(
            version ->
                Routes.all().entrySet().stream()
                    .map(one -> Arguments.of(version, one.getKey(), one.getValue())));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void theSpanIsNamedAfterItsWholeTemplate(Version version, String path, String route)
      throws Exception {
    HttpResponse<String> response = server(version).get(path);

    assertThat(response.version()).isEqualTo(version);
    assertThat(spans(1)).containsExactly(ServerSpan.expected(path, route));
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void requestsAtTheSameTimeDoNotMixTheirRoutes(Version version) {
    List<CompletableFuture<?>> answers = new ArrayList<>();
    List<ServerSpan> expected = new ArrayList<>();
    for (int round = 0; round < 10; round++) {
      Routes.all()
          .forEach(
              (path, route) -> {
                answers.add(server(version).getAsync(path));
                expected.add(ServerSpan.expected(path, route));
              });
    }
    answers.forEach(CompletableFuture::join);

    assertThat(spans(expected.size())).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void pipelinedRequestsDoNotMixTheirRoutes() throws IOException {
    Map<String, String> routes = Routes.all();

    String requests =
        String.join(
            "",
            routes.keySet().stream()
                .map("GET %s HTTP/1.1\r\nHost: test\r\n\r\n"::formatted)
                .toList());
    String answers = http1.send(requests.replaceFirst("\r\n$", "Connection: close\r\n\r\n"));

    assertThat(answers.split("HTTP/1.1 ", -1)).hasSize(routes.size() + 1);
    assertThat(spans(routes.size()))
        .containsExactlyInAnyOrderElementsOf(
            routes.entrySet().stream()
                .map(one -> ServerSpan.expected(one.getKey(), one.getValue()))
                .toList());
  }

  @Test
  void aRequestThatIsNotSampledIsCountedUnderItsRoute() throws Exception {
    http1.get("/api/deep/er", "traceparent", UNSAMPLED);

    await().untilAsserted(() -> assertThat(measuredRoutes()).contains("/api/deep/er"));
    assertThat(telemetry.spans()).isEmpty();
  }

  @Test
  void noMeasuredRouteHasAValueInPlaceOfItsParameter() throws Exception {
    http1.get("/items/4711");

    await().untilAsserted(() -> assertThat(measuredRoutes()).contains("/items/{id}"));
    assertThat(measuredRoutes()).noneMatch(route -> route.contains("4711"));
  }

  private static List<String> measuredRoutes() {
    return telemetry.metrics().stream()
        .filter(metric -> metric.getName().equals("http.server.request.duration"))
        .map(MetricData::getHistogramData)
        .flatMap(histogram -> histogram.getPoints().stream())
        .map(point -> point.getAttributes().get(AttributeKey.stringKey("http.route")))
        .map(route -> route == null ? Routes.NONE : route)
        .toList();
  }

  private static RoutedServer server(Version version) {
    return version == Version.HTTP_2 ? http2 : http1;
  }

  private static List<ServerSpan> spans(int count) {
    return telemetry.awaitSpans(count).stream().map(ServerSpan::of).toList();
  }

  /** What a test looks at of the span that upstream makes for a request. */
  private record ServerSpan(String path, String name, String route) {
    private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
    private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");

    static ServerSpan of(SpanData span) {
      assertThat(span.getKind()).isEqualTo(SpanKind.SERVER);
      String route = span.getAttributes().get(ROUTE);
      return new ServerSpan(
          span.getAttributes().get(PATH), span.getName(), route == null ? Routes.NONE : route);
    }

    /** What there must be for a request. */
    static ServerSpan expected(String path, String route) {
      return new ServerSpan(path, route.equals(Routes.NONE) ? "GET" : "GET " + route, route);
    }
  }
}
