package lapalma.agent.fit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Which of the wanted classes an app has, and in which library. Of jars only the directory is read,
 * of the jars within them too.
 */
final class Libraries {
  private static final int END_OF_DIRECTORY = 0x06054b50;
  private static final int DIRECTORY_ENTRY = 0x02014b50;

  /** Where packages begin within a jar or a folder of an app, besides at its root. */
  private static final List<String> ROOTS = List.of("BOOT-INF/classes/", "WEB-INF/classes/");

  private static final Pattern CLASS_PATH =
      Pattern.compile("^Class-Path:(.*)$", Pattern.MULTILINE | Pattern.CASE_INSENSITIVE);

  private final Set<String> wanted;
  private final Map<String, String> found = new HashMap<>();
  private final List<String> names = new ArrayList<>();
  private final List<String> unreadable = new ArrayList<>();
  private final Set<Path> seen = new HashSet<>();

  Libraries(Set<String> wanted) {
    this.wanted = wanted;
  }

  /** Returns the library of each wanted class that was found. */
  Map<String, String> found() {
    return found;
  }

  /** Returns the names of the jars and folders that were read. */
  List<String> names() {
    return names;
  }

  /** Returns the jars that could not be read, so that nobody knows what they have. */
  List<String> unreadable() {
    return unreadable;
  }

  /** Reads a jar, with the jars that its manifest names, or a folder; a missing one is none. */
  void add(Path path) {
    Path jarOrFolder = path.toAbsolutePath().normalize();
    if (!seen.add(jarOrFolder)) {
      return;
    }
    try {
      if (Files.isDirectory(jarOrFolder)) {
        addFolder(jarOrFolder);
      } else if (Files.isRegularFile(jarOrFolder)) {
        addJar(jarOrFolder);
      }
    } catch (IOException | RuntimeException e) {
      unreadable.add(jarOrFolder.toString());
    }
  }

  /** Reads all jars in a folder. */
  void addJarsIn(Path folder) throws IOException {
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "*.jar")) {
      jars.forEach(this::add);
    }
  }

  private void addFolder(Path folder) throws IOException {
    names.add(folder.getFileName() + "/");
    Map<String, Boolean> exists = new HashMap<>();
    for (String name : wanted) {
      int slash = name.indexOf('/', name.indexOf('/') + 1);
      String packages = slash < 0 ? "" : name.substring(0, slash);
      if (exists.computeIfAbsent(packages, one -> Files.isDirectory(folder.resolve(one)))
          && Files.exists(folder.resolve(name + ".class"))) {
        found.putIfAbsent(name, folder.getFileName() + "/");
      }
    }
    for (String root : ROOTS) {
      if (Files.isDirectory(folder.resolve(root))) {
        add(folder.resolve(root));
      }
      Path libraries = folder.resolve(root).resolveSibling("lib");
      if (Files.isDirectory(libraries)) {
        addJarsIn(libraries);
      }
    }
  }

  private void addJar(Path jar) throws IOException {
    ByteBuffer bytes;
    try (FileChannel file = FileChannel.open(jar)) {
      bytes = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size());
    }
    String manifest = read(jar.getFileName().toString(), bytes, true);
    Matcher classPath = CLASS_PATH.matcher(manifest.replaceAll("\r?\n ", ""));
    if (classPath.find()) {
      for (String one : classPath.group(1).strip().split(" +")) {
        add(Path.of(jar.toUri().resolve(one)));
      }
    }
  }

  /** Reads a jar's directory; returns its manifest, or an empty text where it has none. */
  private String read(String jar, ByteBuffer bytes, boolean outermost) throws IOException {
    names.add(jar);
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    int end = bytes.limit() - 22;
    while (bytes.getInt(end) != END_OF_DIRECTORY) {
      end--;
    }
    int size = bytes.getInt(end + 12);
    int at = end - size;
    // A script may stand before the archive, and offsets do not count it.
    int before = at - bytes.getInt(end + 16);
    if (size < 0 || before < 0) {
      throw new IOException(jar + " is larger than its directory can say");
    }
    String manifest = "";
    byte[] name = new byte[1024];
    while (at < end && bytes.getInt(at) == DIRECTORY_ENTRY) {
      int length = Short.toUnsignedInt(bytes.getShort(at + 28));
      if (length > name.length) {
        name = new byte[length];
      }
      bytes.get(at + 46, name, 0, length);
      if (ends(name, length, ".class")) {
        String className = className(name, length - ".class".length());
        if (wanted.contains(className)) {
          found.putIfAbsent(className, jar);
        }
      } else if (outermost && ends(name, length, ".jar")) {
        String nested = new String(name, 0, length, UTF_8);
        read(nested.substring(nested.lastIndexOf('/') + 1), content(bytes, at, before), false);
      } else if (outermost && length == 20 && starts(name, 0, length, "META-INF/MANIFEST.MF")) {
        manifest = UTF_8.decode(content(bytes, at, before)).toString();
      }
      at +=
          46
              + length
              + Short.toUnsignedInt(bytes.getShort(at + 30))
              + Short.toUnsignedInt(bytes.getShort(at + 32));
    }
    return manifest;
  }

  private static String className(byte[] name, int length) {
    int from = 0;
    if (starts(name, 0, length, "META-INF/versions/")) {
      from = "META-INF/versions/".length();
      while (from < length && name[from++] != '/') {}
    } else {
      for (String root : ROOTS) {
        if (starts(name, 0, length, root)) {
          from = root.length();
        }
      }
    }
    return new String(name, from, length - from, ISO_8859_1);
  }

  /** Returns what the entry at {@code at} of the directory stands for. */
  private static ByteBuffer content(ByteBuffer bytes, int at, int before) throws IOException {
    int method = bytes.getShort(at + 10);
    int compressed = bytes.getInt(at + 20);
    int size = bytes.getInt(at + 24);
    int header = before + bytes.getInt(at + 42);
    int from =
        header
            + 30
            + Short.toUnsignedInt(bytes.getShort(header + 26))
            + Short.toUnsignedInt(bytes.getShort(header + 28));
    ByteBuffer stored = bytes.slice(from, compressed);
    if (method == 0) {
      return stored;
    }
    var inflater = new Inflater(true);
    try {
      inflater.setInput(stored);
      byte[] content = new byte[size];
      int done = 0;
      while (done < size && !inflater.finished()) {
        int more = inflater.inflate(content, done, size - done);
        if (more == 0 && inflater.needsInput()) {
          throw new IOException("An entry ends too early");
        }
        done += more;
      }
      return ByteBuffer.wrap(content);
    } catch (DataFormatException e) {
      throw new IOException(e);
    } finally {
      inflater.end();
    }
  }

  private static boolean ends(byte[] name, int length, String end) {
    return length >= end.length() && starts(name, length - end.length(), length, end);
  }

  private static boolean starts(byte[] name, int from, int length, String start) {
    if (length - from < start.length()) {
      return false;
    }
    for (int i = 0; i < start.length(); i++) {
      if (name[from + i] != start.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
