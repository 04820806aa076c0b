package lapalma.e2e.support;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import lapalma.stack.Jaeger;
import lapalma.stack.Port;
import lapalma.stack.api.Http;

/**
 * Sends spans to collectors as OTLP over HTTP and records which they accepted. Unlike the agent, it
 * sends nothing twice, so spans that are not accepted are missing.
 */
public final class SpanSender {
  /**
   * The outcome of a trace.
   *
   * @param status of the answer, 0 without one
   */
  public record Attempt(SentTrace trace, Jaeger collector, Instant at, int status) {
    public boolean taken() {
      return status == 200;
    }
  }

  private final String service;
  private final List<Attempt> attempts = new ArrayList<>();

  public SpanSender(String service) {
    this.service = service;
  }

  /** Sends whole traces in one request. */
  public void send(Jaeger collector, List<SentTrace> traces) {
    int status =
        post(collector, traces.stream().flatMap(trace -> trace.spans(0, trace.spanIds().size())));
    Instant now = Instant.now();
    traces.forEach(trace -> attempts.add(new Attempt(trace, collector, now, status)));
  }

  /**
   * Sends the first half of each trace's spans to one collector and the second half to the other.
   */
  public void sendInHalves(Jaeger first, Jaeger second, List<SentTrace> traces) {
    int half = traces.get(0).spanIds().size() / 2;
    int one = post(first, traces.stream().flatMap(trace -> trace.spans(0, half)));
    int other =
        post(second, traces.stream().flatMap(trace -> trace.spans(half, trace.spanIds().size())));
    Instant now = Instant.now();
    int status = one == 200 ? other : one;
    traces.forEach(trace -> attempts.add(new Attempt(trace, first, now, status)));
  }

  /**
   * Sends five traces of two spans each, 20 times a second, to the collectors in turn.
   *
   * @param duration how long to send; late answers make the sending later, but not longer
   */
  public void sendFor(Duration duration, List<Jaeger> collectors) {
    long begin = System.nanoTime();
    for (int i = 0; System.nanoTime() - begin < duration.toNanos(); i++) {
      long next = begin + Duration.ofMillis(50).multipliedBy(i).toNanos();
      LockSupport.parkNanos(next - System.nanoTime());
      send(collectors.get(i % collectors.size()), traces(5, 2));
    }
  }

  public static List<SentTrace> traces(int count, int spans) {
    return IntStream.range(0, count).mapToObj(i -> SentTrace.of(spans, false)).toList();
  }

  private int post(Jaeger collector, Stream<String> spans) {
    String body =
        """
        {"resourceSpans": [{
          "resource": {"attributes": [
            {"key": "service.name", "value": {"stringValue": "%s"}}]},
          "scopeSpans": [{"spans": [%s]}]}]}
        """
            .formatted(service, spans.collect(Collectors.joining(",")));
    try {
      return Http.send(
              HttpRequest.newBuilder(URI.create(collector.ports().url(Port.OTLP) + "/v1/traces"))
                  .header("content-type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(body)))
          .statusCode();
    } catch (IOException e) {
      return 0;
    }
  }

  public List<Attempt> attempts() {
    return attempts;
  }

  public List<SentTrace> taken() {
    return attempts.stream().filter(Attempt::taken).map(Attempt::trace).toList();
  }

  public List<SentTrace> refused() {
    return attempts.stream().filter(attempt -> !attempt.taken()).map(Attempt::trace).toList();
  }
}
