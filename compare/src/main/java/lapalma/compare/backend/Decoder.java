package lapalma.compare.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.List;
import java.util.function.LongConsumer;
import lapalma.compare.LabException;
import lapalma.compare.plan.Protocol;

/** Reads the requests of one protocol. */
public interface Decoder {

  void read(CapturedRequest request, Telemetry telemetry) throws IOException;

  /**
   * Reads only when server spans began, in milliseconds since 1970: fast enough for an app under
   * load. The spans of a protocol that does nothing here are not counted.
   */
  default void readServerSpans(CapturedRequest request, LongConsumer began) throws IOException {}

  static Decoder of(Protocol protocol) {
    return switch (protocol) {
      case NONE -> (request, telemetry) -> {};
      case OTLP -> new OtlpDecoder();
      case DATADOG -> new DatadogDecoder();
      case ELASTIC -> new ElasticDecoder();
      case NEW_RELIC -> new NewRelicDecoder();
      case PYROSCOPE ->
          (request, telemetry) -> {
            if (request.path().equals("/ingest")) {
              telemetry.addProfile();
            }
          };
    };
  }

  static Telemetry all(Protocol protocol, List<CapturedRequest> requests) {
    var telemetry = new Telemetry();
    Decoder decoder = of(protocol);
    for (CapturedRequest request : requests) {
      try {
        if (request.target().equals(CapturedRequest.STATSD)) {
          StatsdReceiver.read(new String(request.body(), UTF_8), telemetry);
        } else {
          decoder.read(request, telemetry);
        }
      } catch (IOException e) {
        throw LabException.because(
            "The request to %s cannot be read".formatted(request.target()), e);
      }
    }
    return telemetry;
  }
}
