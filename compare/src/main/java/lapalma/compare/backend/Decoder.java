package lapalma.compare.backend;

import java.io.IOException;
import java.util.List;
import lapalma.compare.LabException;
import lapalma.compare.plan.Protocol;
import lapalma.compare.result.Json;

/** Reads back what was received in one protocol. */
public interface Decoder {

  void read(Received received, Telemetry telemetry) throws IOException;

  static Decoder of(Protocol protocol) {
    return switch (protocol) {
      case NONE -> (received, telemetry) -> {};
      case OTLP -> new OtlpDecoder();
      case DATADOG -> new DatadogDecoder();
      case APPLICATION_INSIGHTS -> new ApplicationInsightsDecoder();
      case ELASTIC -> new ElasticDecoder();
      case NEW_RELIC -> new NewRelicDecoder();
      case PYROSCOPE ->
          (received, telemetry) -> {
            if (received.path().equals("/ingest")) {
              telemetry.addProfile();
            }
          };
    };
  }

  static Telemetry all(Protocol protocol, List<Received> requests) {
    var telemetry = new Telemetry();
    Decoder decoder = of(protocol);
    for (Received received : requests) {
      try {
        decoder.read(received, telemetry);
      } catch (IOException e) {
        throw new LabException(
            "What was received at %s cannot be read: %s"
                .formatted(received.target(), Json.firstLine(e)),
            e);
      }
    }
    return telemetry;
  }
}
