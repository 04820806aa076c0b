package lapalma.stack.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The query API of a Jaeger, and the addresses of its pages.
 *
 * @param url its base address, without a slash at the end
 */
public record JaegerApi(String url) {
  private static final int MOST_TRACES = 1000;
  private static final int NOT_FOUND = 404;
  private static final Duration CLOCKS_DIFFER = Duration.ofSeconds(1);

  /** Returns the page of one trace. */
  public String tracePage(String traceId) {
    return url + "/trace/" + traceId;
  }

  /** Returns the traces of a service that began after an instant, at most 1,000. */
  public List<FoundTrace> traces(String service, Instant since) throws IOException {
    // The names of 2.13. Later versions accept them, and also query.serviceName and so on.
    var response =
        Http.get(
            url
                + "/api/v3/traces?query.service_name=%s&query.start_time_min=%s&query.start_time_max=%s&query.num_traces=%d"
                    .formatted(
                        Http.encode(service),
                        since,
                        Instant.now().plus(CLOCKS_DIFFER),
                        MOST_TRACES));
    return response.statusCode() == NOT_FOUND ? List.of() : FoundTrace.from(Http.json(response));
  }

  /** Returns the trace of this id, or an empty list if Jaeger has none. */
  public List<JsonNode> trace(String traceId) throws IOException {
    var response = Http.get(url + "/api/traces/" + traceId);
    if (response.statusCode() == NOT_FOUND) {
      return List.of();
    }
    List<JsonNode> data = new ArrayList<>();
    Http.json(response).path("data").forEach(data::add);
    return data;
  }

  /**
   * Returns the ids of the traces of the last hour in which a span of the service has an attribute
   * of this value, at most 1,000.
   */
  public List<String> traceIds(String service, String attribute, String value) throws IOException {
    List<String> ids = new ArrayList<>();
    Http.json(
            url
                + "/api/traces?service=%s&lookback=1h&limit=%d&tags=%s"
                    .formatted(
                        Http.encode(service),
                        MOST_TRACES,
                        Http.encode("{\"%s\":\"%s\"}".formatted(attribute, value))))
        .path("data")
        .forEach(trace -> ids.add(trace.path("traceID").asText()));
    return ids;
  }

  /**
   * Returns a metric of the last minute by operation, which is what the Monitor tab requests.
   *
   * @param metric {@code calls}, {@code errors} or {@code latencies}
   */
  public JsonNode monitor(String metric, String service) throws IOException {
    return Http.json(
        url
            + "/api/metrics/%s?service=%s&groupByOperation=true&quantile=0.95&lookback=60000&step=5000&ratePer=60000&spanKind=server"
                .formatted(metric, Http.encode(service)));
  }
}
