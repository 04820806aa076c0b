package lapalma.stack;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * What a Jaeger tells.
 *
 * @param url where it answers, without a slash at the end
 */
record JaegerApi(String url) {

  /** The traces of a service that began after an instant, at most 1,000. */
  List<JsonNode> traces(String service, Instant since) throws IOException {
    return data(
        "/api/traces?limit=1000&service=%s&start=%d&end=%d"
            .formatted(Http.encode(service), micros(since), micros(Instant.now())));
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  /** The trace of this id, or an empty list where Jaeger knows none. */
  List<JsonNode> trace(String traceId) throws IOException {
    var response = Http.get(url + "/api/traces/" + traceId);
    return response.statusCode() == 404 ? List.of() : data("/api/traces/" + traceId);
  }

  /** What the Monitor tab asks for: a metric of the last minute, in JSON, by operation. */
  JsonNode monitor(String metric, String service) throws IOException {
    return Http.json(
        url
            + "/api/metrics/%s?service=%s&groupByOperation=true&quantile=0.95&lookback=60000&step=5000&ratePer=60000&spanKind=server"
                .formatted(metric, Http.encode(service)));
  }

  private List<JsonNode> data(String path) throws IOException {
    List<JsonNode> data = new ArrayList<>();
    Http.json(url + path).path("data").forEach(data::add);
    return data;
  }
}
