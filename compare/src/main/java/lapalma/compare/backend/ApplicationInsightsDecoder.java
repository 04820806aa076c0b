package lapalma.compare.backend;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/** Reads Application Insights' items: one JSON object on each line. */
final class ApplicationInsightsDecoder implements Decoder {

  @Override
  public void read(CapturedRequest request, Telemetry telemetry) throws IOException {
    if (!request.path().endsWith("/track")) {
      return;
    }
    for (JsonNode item : request.jsonLines()) {
      JsonNode data = item.path("data").path("baseData");
      String traceId = item.path("tags").path("ai.operation.id").asText("");
      switch (item.path("data").path("baseType").asText()) {
        case "RequestData" ->
            telemetry.add(
                new Telemetry.Span(
                    true,
                    data.path("name").asText(),
                    traceId,
                    OtlpDecoder.path(data.path("url").asText("")),
                    data.path("properties").path("http.route").asText(""),
                    OtlpDecoder.number(data.path("responseCode").asText("")),
                    // Exceptions are items of their own.
                    false));
        case "RemoteDependencyData" ->
            telemetry.add(
                new Telemetry.Span(false, data.path("name").asText(), traceId, "", "", 0, false));
        case "ExceptionData" ->
            telemetry.add(
                Telemetry.Span.ofException(
                    data.path("exceptions").path(0).path("typeName").asText(), traceId));
        case "MessageData" ->
            telemetry.add(new Telemetry.LogRecord(data.path("message").asText(), traceId));
        case "MetricData" -> {
          for (JsonNode metric : data.path("metrics")) {
            telemetry.add(new Telemetry.Metric(metric.path("name").asText(), 0));
          }
        }
        default -> {
          // The agent's own diagnostics.
        }
      }
    }
  }
}
