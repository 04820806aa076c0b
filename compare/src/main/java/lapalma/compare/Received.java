package lapalma.compare;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/**
 * One request that an exporter sent.
 *
 * @param target path and query
 * @param body without the compression of the transport
 */
record Received(String method, String target, byte[] body) {

  String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  static byte[] uncompressed(String encoding, byte[] body) throws IOException {
    if (!"gzip".equalsIgnoreCase(encoding)) {
      return body;
    }
    try (InputStream unzipped = new GZIPInputStream(new ByteArrayInputStream(body))) {
      return unzipped.readAllBytes();
    }
  }
}
