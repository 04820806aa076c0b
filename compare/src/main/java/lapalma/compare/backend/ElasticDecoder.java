package lapalma.compare.backend;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/** Reads Elastic's intake: one JSON object on each line. A transaction stands for a request. */
final class ElasticDecoder implements Decoder {

  @Override
  public void read(CapturedRequest request, Telemetry telemetry) throws IOException {
    if (!request.path().startsWith("/intake")) {
      return;
    }
    for (JsonNode item : request.jsonLines()) {
      if (item.has("transaction")) {
        telemetry.add(span(item.path("transaction"), true));
      } else if (item.has("span")) {
        telemetry.add(span(item.path("span"), false));
      } else if (item.has("error")) {
        JsonNode error = item.path("error");
        telemetry.add(
            Telemetry.Span.ofException(
                error.path("exception").path("type").asText(), error.path("trace_id").asText("")));
      } else if (item.has("log")) {
        JsonNode log = item.path("log");
        telemetry.add(
            new Telemetry.LogRecord(log.path("message").asText(), log.path("trace.id").asText("")));
      } else {
        item.path("metricset")
            .path("samples")
            .fieldNames()
            .forEachRemaining(name -> telemetry.add(new Telemetry.Metric(name, 0)));
      }
    }
  }

  private static Telemetry.Span span(JsonNode span, boolean server) {
    JsonNode context = span.path("context");
    return new Telemetry.Span(
        server,
        span.path("name").asText(),
        span.path("trace_id").asText(""),
        OtlpDecoder.path(context.path("request").path("url").path("full").asText("")),
        "",
        context.path("response").path("status_code").asInt(),
        false);
  }
}
