package lapalma.stack.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The query API of a Prometheus.
 *
 * @param url its base address, without a slash at the end
 */
public record PrometheusApi(String url) {

  /** Returns the series of an instant query: each with {@code metric} and {@code value}. */
  public List<JsonNode> query(String promql) throws IOException {
    return list(Http.json(url + "/api/v1/query?query=" + Http.encode(promql)).at("/data/result"));
  }

  /** Returns the series of a range query: each with {@code metric} and {@code values}. */
  public List<JsonNode> range(String promql, Instant start, Instant end, Duration step)
      throws IOException {
    return list(
        Http.json(
                url
                    + "/api/v1/query_range?query=%s&start=%s&end=%s&step=%d"
                        .formatted(Http.encode(promql), start, end, step.toSeconds()))
            .at("/data/result"));
  }

  /** Returns the exemplars since an instant of the series that a query selects. */
  public List<JsonNode> exemplars(String promql, Instant since) throws IOException {
    JsonNode series =
        Http.json(
                url
                    + "/api/v1/query_exemplars?query=%s&start=%s&end=%s"
                        .formatted(Http.encode(promql), since, Instant.now()))
            .path("data");
    List<JsonNode> exemplars = new ArrayList<>();
    series.forEach(one -> exemplars.addAll(list(one.path("exemplars"))));
    return exemplars;
  }

  /** Returns the groups of rules that are loaded. */
  public List<JsonNode> rules() throws IOException {
    return list(Http.json(url + "/api/v1/rules").at("/data/groups"));
  }

  /** Returns the syntax tree of an expression. */
  public JsonNode parse(String promql) throws IOException {
    return Http.json(url + "/api/v1/parse_query?query=" + Http.encode(promql)).path("data");
  }

  private static List<JsonNode> list(JsonNode array) {
    List<JsonNode> list = new ArrayList<>();
    array.forEach(list::add);
    return list;
  }
}
