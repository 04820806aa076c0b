package lapalma.compare.backend;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/**
 * One request that an exporter sent.
 *
 * @param target path and query
 * @param body without the compression of the transport
 */
record CapturedRequest(String target, byte[] body) {

  String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  static byte[] uncompressed(String encoding, byte[] body) throws IOException {
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
