package lapalma.compare.backend;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.function.LongConsumer;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.jackson.dataformat.MessagePackFactory;

/** Reads Datadog's traces, version 0.4: MessagePack, a list of traces, each a list of spans. */
final class DatadogDecoder implements Decoder {
  private static final ObjectMapper MESSAGE_PACK = new ObjectMapper(new MessagePackFactory());

  private static boolean hasTraces(CapturedRequest request) {
    return request.path().equals("/v0.4/traces") && request.body().length > 0;
  }

  @Override
  public void readServerSpans(CapturedRequest request, LongConsumer began) throws IOException {
    if (!hasTraces(request)) {
      return;
    }
    try (MessageUnpacker in = MessagePack.newDefaultUnpacker(request.body())) {
      for (int traces = in.unpackArrayHeader(); traces > 0; traces--) {
        // A framework's span within the server's has the same kind, and is of the same request.
        boolean found = false;
        for (int spans = in.unpackArrayHeader(); spans > 0; spans--) {
          boolean server = false;
          long nanos = 0;
          for (int fields = in.unpackMapHeader(); fields > 0; fields--) {
            switch (in.unpackString()) {
              case "start" -> nanos = in.unpackLong();
              case "meta" -> {
                for (int tags = in.unpackMapHeader(); tags > 0; tags--) {
                  boolean kind = in.unpackString().equals("span.kind");
                  server |= in.unpackString().equals("server") && kind;
                }
              }
              default -> in.skipValue();
            }
          }
          if (server && !found) {
            found = true;
            began.accept(nanos / 1_000_000);
          }
        }
      }
    }
  }

  @Override
  public void read(CapturedRequest request, Telemetry telemetry) throws IOException {
    if (!hasTraces(request)) {
      return;
    }
    for (JsonNode trace : MESSAGE_PACK.readTree(request.body())) {
      // Only the first span of a chunk has the upper half of the trace id.
      String upper = "";
      for (JsonNode span : trace) {
        upper = upper.isEmpty() ? span.path("meta").path("_dd.p.tid").asText("") : upper;
      }
      for (JsonNode span : trace) {
        JsonNode meta = span.path("meta");
        telemetry.add(
            new Telemetry.Span(
                meta.path("span.kind").asText("").equals("server"),
                span.path("resource").asText(),
                (upper.isEmpty() ? "0".repeat(16) : upper)
                    + "%016x".formatted(span.path("trace_id").bigIntegerValue()),
                OtlpDecoder.path(meta.path("http.url").asText("")),
                meta.path("http.route").asText(""),
                OtlpDecoder.number(meta.path("http.status_code").asText("")),
                meta.has("error.type") || meta.has("error.stack")));
      }
    }
  }
}
