package lapalma.agent.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.trace.data.SpanData;

/** What a test looks at of the span that upstream makes for a request. */
record ServerSpan(String path, String name, String route) {
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
