package lapalma.compare.backend;

import lapalma.compare.plan.Protocol;

/** Builds the answers of each backend, with enough in them for its agent to keep sending. */
final class FakeResponses {
  private static final String JSON = "application/json";

  record Response(int status, String contentType, String body) {
    static Response json(String body) {
      return new Response(200, JSON, body);
    }
  }

  private FakeResponses() {}

  static Response to(Protocol protocol, String target) {
    return switch (protocol) {
      case NONE, PYROSCOPE -> Response.json("{}");
      case OTLP -> new Response(200, "application/x-protobuf", "");
      case DATADOG -> datadog(target);
      case ELASTIC -> elastic(target);
      case NEW_RELIC -> newRelic(target);
    };
  }

  private static Response datadog(String target) {
    return Response.json(
        target.startsWith("/info")
            ? """
            {"version": "7.60.0", "endpoints": ["/v0.3/traces", "/v0.4/traces"]}
            """
            : """
            {"rate_by_service": {}}
            """);
  }

  private static Response elastic(String target) {
    if (target.startsWith("/intake")) {
      return new Response(202, JSON, "");
    }
    return Response.json(target.equals("/") ? "{\"version\": \"8.15.0\"}" : "{}");
  }

  private static Response newRelic(String target) {
    String method = target.replaceAll(".*[?&]method=([^&]*).*", "$1");
    String value =
        switch (method) {
          case "preconnect" -> "{\"redirect_host\": \"localhost\"}";
          case "connect" ->
              """
              {"agent_run_id": "1", "collect_traces": true, "collect_errors": true,
               "collect_analytics_events": true, "collect_error_events": true,
               "collect_span_events": true, "collect_custom_events": true,
               "data_report_period": 60, "messages": [], "sampling_rate": 0,
               "event_harvest_config": {"report_period_ms": 5000, "harvest_limits": {
                 "analytic_event_data": 833, "custom_event_data": 2500, "error_event_data": 8,
                 "log_event_data": 833}},
               "span_event_harvest_config": {"report_period_ms": 5000, "harvest_limit": 166}}
              """;
          case "get_agent_commands" -> "[]";
          default -> "null";
        };
    return Response.json("{\"return_value\": %s}".formatted(value));
  }
}
