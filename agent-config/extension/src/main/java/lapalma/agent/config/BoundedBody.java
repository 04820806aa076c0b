package lapalma.agent.config;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** Reads the body of an answer, whose length and speed the other side chooses. */
public final class BoundedBody {
  private static final int PART_BYTES = 8192;

  private BoundedBody() {}

  /**
   * Reads a body to its end.
   *
   * @param most the number of bytes after which the rest is left unread
   * @param patience for the whole body, which may trickle in although each read is in time
   * @throws IOException if the body takes longer, or cannot be read
   */
  public static byte[] read(InputStream body, int most, Duration patience) throws IOException {
    long began = System.nanoTime();
    var read = new ByteArrayOutputStream();
    byte[] part = new byte[PART_BYTES];
    while (read.size() < most) {
      int length = body.read(part, 0, Math.min(part.length, most - read.size()));
      if (length < 0) {
        break;
      }
      read.write(part, 0, length);
      if (System.nanoTime() - began > patience.toNanos()) {
        throw new IOException("its answer takes more than " + patience.toSeconds() + " s");
      }
    }
    return read.toByteArray();
  }
}
