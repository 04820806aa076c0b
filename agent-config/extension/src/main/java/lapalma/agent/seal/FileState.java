package lapalma.agent.seal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.CRC32;

/**
 * Tells whether a jar is still the same, by its size, its time and the checksums of its entries,
 * which stand in its directory. To read all of 60 MB would take longer than a sealed start gains.
 */
final class FileState {
  static final String MISSING = "missing";

  private static final int END = 0x06054b50;
  private static final int END_LENGTH = 22;
  private static final int DIRECTORY_SIZE = 12;
  private static final int DIRECTORY_OFFSET = 16;
  private static final int LONGEST_COMMENT = 0xffff;

  private FileState() {}

  static String of(Path path) throws IOException {
    var file = path.toFile();
    if (!file.exists()) {
      return MISSING;
    }
    if (file.isDirectory()) {
      return "a folder";
    }
    try (var open = new RandomAccessFile(file, "r")) {
      return open.length()
          + " "
          + file.lastModified() / 1000
          + " "
          + Long.toHexString(checksum(open));
    }
  }

  /** What has become of a file, for a sentence. */
  static String change(String before, String now) {
    if (now.equals(MISSING)) {
      return "is missing";
    }
    return before.equals(MISSING) ? "is new" : "has changed";
  }

  private static long checksum(RandomAccessFile file) throws IOException {
    var crc = new CRC32();
    crc.update(directory(file));
    return crc.getValue();
  }

  /** Returns the directory of a jar, or the end of a file that has none. */
  private static ByteBuffer directory(RandomAccessFile file) throws IOException {
    ByteBuffer tail = ByteBuffer.allocate(0);
    // Few jars have a comment behind the end, and to look for it costs more than all else.
    for (int longest : new int[] {END_LENGTH, END_LENGTH + LONGEST_COMMENT}) {
      int length = (int) Math.min(file.length(), longest);
      tail = read(file, file.length() - length, length);
      for (int at = length - END_LENGTH; at >= 0; at--) {
        if (tail.getInt(at) == END) {
          long offset = Integer.toUnsignedLong(tail.getInt(at + DIRECTORY_OFFSET));
          long size = Integer.toUnsignedLong(tail.getInt(at + DIRECTORY_SIZE));
          if (offset + size <= file.length()) {
            return read(file, offset, Math.toIntExact(size));
          }
        }
      }
    }
    return tail;
  }

  private static ByteBuffer read(RandomAccessFile file, long offset, int length)
      throws IOException {
    var bytes = new byte[length];
    file.seek(offset);
    file.readFully(bytes);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
