package lapalma.agent.route;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.context.Context;
import io.opentelemetry.instrumentation.api.semconv.http.HttpServerAttributesGetter;
import io.opentelemetry.instrumentation.api.semconv.http.HttpServerRoute;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.PathTemplateMatch;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Measures what the extension's advice adds to each attachment of an exchange. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MatchedRouteBenchmark {
  private static final AttachmentKey<String> OTHER = AttachmentKey.create(String.class);

  private final PathTemplateMatch match = new PathTemplateMatch("/", Map.of());
  private final HttpServerExchange used = new HttpServerExchange(null);

  /** A request as the agent's instrumentation of a server prepares it. */
  private final Context request =
      HttpServerRoute.create(new Getter()).onStart(Context.root(), "", Attributes.empty());

  /** Most attachments are not a match. They must cost next to nothing. */
  @Benchmark
  public void otherAttachment() {
    MatchedRoute.attached(used, OTHER, "value", null);
  }

  /** Measures the one match of a request to dice, with the attachment itself. */
  @Benchmark
  public HttpServerExchange match() {
    var exchange = new HttpServerExchange(null);
    try (var unused = request.makeCurrent()) {
      exchange.putAttachment(PathTemplateMatch.ATTACHMENT_KEY, match);
      MatchedRoute.attached(exchange, PathTemplateMatch.ATTACHMENT_KEY, match, null);
    }
    return exchange;
  }

  /** Measures the same without the advice. */
  @Benchmark
  public HttpServerExchange matchWithoutTheAdvice() {
    var exchange = new HttpServerExchange(null);
    try (var unused = request.makeCurrent()) {
      exchange.putAttachment(PathTemplateMatch.ATTACHMENT_KEY, match);
    }
    return exchange;
  }

  private static final class Getter implements HttpServerAttributesGetter<String, String> {
    @Override
    public String getHttpRequestMethod(String request) {
      return "GET";
    }

    @Override
    public List<String> getHttpRequestHeader(String request, String name) {
      return List.of();
    }

    @Override
    public Integer getHttpResponseStatusCode(String request, String response, Throwable error) {
      return 200;
    }

    @Override
    public List<String> getHttpResponseHeader(String request, String response, String name) {
      return List.of();
    }

    @Override
    public String getUrlScheme(String request) {
      return "http";
    }

    @Override
    public String getUrlPath(String request) {
      return "/";
    }

    @Override
    public String getUrlQuery(String request) {
      return null;
    }
  }
}
