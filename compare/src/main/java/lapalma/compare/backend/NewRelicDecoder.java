package lapalma.compare.backend;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/**
 * Reads New Relic's harvests: JSON, of the kind that the method in the query names. A transaction
 * event stands for a request.
 */
final class NewRelicDecoder implements Decoder {

  @Override
  public void read(CapturedRequest request, Telemetry telemetry) throws IOException {
    String method = request.target().replaceAll(".*[?&]method=([^&]*).*", "$1");
    switch (method) {
      case "analytic_event_data" -> {
        for (JsonNode event : request.json().path(2)) {
          JsonNode intrinsics = event.path(0);
          if (intrinsics.path("type").asText().equals("Transaction")) {
            telemetry.add(span(event, true));
          }
        }
      }
      case "span_event_data" -> {
        for (JsonNode event : request.json().path(2)) {
          // The entry span repeats the transaction.
          if (!event.path(0).path("nr.entryPoint").asBoolean(false)) {
            telemetry.add(span(event, false));
          }
        }
      }
      case "error_event_data" -> {
        for (JsonNode event : request.json().path(2)) {
          JsonNode intrinsics = event.path(0);
          telemetry.add(
              Telemetry.Span.ofException(
                  intrinsics.path("error.class").asText(), intrinsics.path("traceId").asText("")));
        }
      }
      case "log_event_data" -> {
        for (JsonNode group : request.json()) {
          for (JsonNode log : group.path("logs")) {
            String own = log.path("trace.id").asText("");
            telemetry.add(
                new Telemetry.LogRecord(
                    log.path("message").asText(),
                    own.isEmpty() ? log.path("attributes").path("trace.id").asText("") : own));
          }
        }
      }
      case "metric_data" -> {
        for (JsonNode metric : request.json().path(3)) {
          telemetry.add(new Telemetry.Metric(metric.path(0).path("name").asText(), 0));
        }
      }
      default -> {
        // The agent connects, or reports on itself.
      }
    }
  }

  private static Telemetry.Span span(JsonNode event, boolean server) {
    JsonNode intrinsics = event.path(0);
    JsonNode agent = event.path(2);
    return new Telemetry.Span(
        server,
        intrinsics.path("name").asText(),
        intrinsics.path("traceId").asText(""),
        OtlpDecoder.path(agent.path("request.uri").asText("")),
        "",
        OtlpDecoder.number(
            agent.path("http.statusCode").asText(agent.path("httpResponseCode").asText(""))),
        agent.has("error.class"));
  }
}
