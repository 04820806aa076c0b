package lapalma.agent.seal;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;

/**
 * The classes of the JVM's own class loaders that the agent leaves alone.
 *
 * <p>Each is known by 64 bits of its name, because a start would need longer to read 50,000 names
 * than it gains. That one of as many other names has the bits of a listed one has a probability of
 * 1 in 10^10.
 */
final class LeftAlone {
  private static final ClassLoader APP = ClassLoader.getSystemClassLoader();
  private static final ClassLoader PLATFORM = ClassLoader.getPlatformClassLoader();

  private final long[] sorted;

  private LeftAlone(long[] sorted) {
    this.sorted = sorted;
  }

  static LeftAlone of(Set<String> names) {
    return new LeftAlone(names.stream().mapToLong(LeftAlone::bits).sorted().toArray());
  }

  static LeftAlone read(DataInput in) throws IOException {
    var bytes = new byte[Math.multiplyExact(in.readInt(), Long.BYTES)];
    in.readFully(bytes);
    var sorted = new long[bytes.length / Long.BYTES];
    ByteBuffer.wrap(bytes).asLongBuffer().get(sorted);
    return new LeftAlone(sorted);
  }

  void write(DataOutput out) throws IOException {
    out.writeInt(sorted.length);
    for (long one : sorted) {
      out.writeLong(one);
    }
  }

  static boolean isBuiltIn(ClassLoader loader) {
    return loader == null || loader == APP || loader == PLATFORM;
  }

  /**
   * @param name with dots or slashes; null for a class without one
   */
  boolean contains(ClassLoader loader, String name) {
    return name != null && isBuiltIn(loader) && Arrays.binarySearch(sorted, bits(name)) >= 0;
  }

  /** FNV-1a over the characters of a class's name. */
  private static long bits(String name) {
    long bits = 0xcbf29ce484222325L;
    for (int i = 0; i < name.length(); i++) {
      char one = name.charAt(i);
      bits = (bits ^ (one == '/' ? '.' : one)) * 0x100000001b3L;
    }
    return bits;
  }
}
