package lapalma.compare.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * One request that an exporter sent.
 *
 * @param target path and query
 * @param body decompressed
 */
record CapturedRequest(String target, byte[] body) {
  /** The target of a packet of StatsD metrics, which has no path. */
  static final String STATSD = "statsd";

  private static final ObjectMapper JSON = new ObjectMapper();

  String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  JsonNode json() throws IOException {
    return JSON.readTree(body);
  }

  /** Reads a body that has one JSON value on each line. */
  List<JsonNode> jsonLines() throws IOException {
    List<JsonNode> values = new ArrayList<>();
    for (String line : new String(body, UTF_8).lines().toList()) {
      values.add(JSON.readTree(line));
    }
    return values;
  }

  static byte[] uncompressed(@Nullable String encoding, byte[] body) throws IOException {
    if (encoding == null || encoding.equalsIgnoreCase("identity")) {
      return body;
    }
    var compressed = new ByteArrayInputStream(body);
    try (InputStream stream =
        encoding.equalsIgnoreCase("gzip")
            ? new GZIPInputStream(compressed)
            : new InflaterInputStream(compressed)) {
      return stream.readAllBytes();
    }
  }
}
