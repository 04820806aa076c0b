package lapalma.agent;

import io.opentelemetry.javaagent.bootstrap.AgentClassLoader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Packs {@code lapalma-agent.jar}: upstream's agent, with the extension among the agent's own
 * classes in {@code inst/}. The agent would copy an extension in {@code extensions/} into a
 * temporary folder at each start, and run without it where it cannot.
 */
public final class AgentJar {
  private static final String INSIDE = "inst/";
  private static final String SERVICES = "META-INF/services/";

  /** By name. What is left at the end is new. */
  private final Map<String, byte[]> ours = new TreeMap<>();

  private AgentJar() {}

  /**
   * Packs the jar.
   *
   * @param args upstream's jar, the extension's, the folder of the classes beside {@code inst/},
   *     the version, and the jars to write
   */
  public static void main(String[] args) throws Exception {
    var jar = new AgentJar();
    jar.readExtension(new File(args[0]), new File(args[1]));
    jar.readClasses(Path.of(args[2]));
    byte[] packed = jar.pack(args[0], args[3]);
    for (String target : List.of(args).subList(4, args.length)) {
      Path file = Path.of(target);
      // A seal holds only as long as the jar is as old as then.
      if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), packed)) {
        Files.createDirectories(file.getParent());
        Files.write(file, packed);
      }
    }
  }

  /** Reads the extension as the agent does: its own stream handler relocates the classes. */
  private void readExtension(File agent, File extension) throws Exception {
    try (var loader = new AgentClassLoader(agent, "inst", false);
        var jar = new JarFile(extension)) {
      Constructor<?> relocating =
          loader
              .loadClass("io.opentelemetry.javaagent.tooling.RemappingUrlStreamHandler")
              .getDeclaredConstructor(File.class);
      relocating.setAccessible(true);
      URL root =
          new URL("otel", null, -1, "/", (URLStreamHandler) relocating.newInstance(extension));
      for (ZipEntry entry : Collections.list(jar.entries())) {
        String name = entry.getName();
        if (entry.isDirectory()
            || name.equals(JarFile.MANIFEST_NAME)
            || name.startsWith("META-INF/maven/")) {
          continue;
        }
        try (InputStream in = new URL(root, name).openStream()) {
          ours.put(INSIDE + (name.endsWith(".class") ? name + "data" : name), in.readAllBytes());
        }
      }
    }
  }

  private void readClasses(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".class")).toList()) {
        String name = folder.relativize(file).toString().replace(File.separatorChar, '/');
        ours.put(name, Files.readAllBytes(file));
      }
    }
  }

  private byte[] pack(String agent, String version) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var upstream = new ZipFile(agent);
        var out = new ZipOutputStream(packed)) {
      long time = upstream.getEntry(JarFile.MANIFEST_NAME).getTime();
      for (ZipEntry entry : Collections.list(upstream.entries())) {
        String name = entry.getName();
        byte[] content;
        try (InputStream in = upstream.getInputStream(entry)) {
          content = in.readAllBytes();
        }
        if (name.equals(JarFile.MANIFEST_NAME)) {
          content = manifest(content, version);
        } else if (ours.containsKey(name)) {
          // The agent's class loader finds one file of a name.
          if (!name.startsWith(INSIDE + SERVICES)) {
            throw new IllegalStateException("The agent has a " + name + " of its own.");
          }
          content = joined(content, ours.remove(name));
        }
        put(out, name, content, entry.getMethod(), entry.getTime());
      }
      for (Map.Entry<String, byte[]> added : ours.entrySet()) {
        put(out, added.getKey(), added.getValue(), ZipEntry.DEFLATED, time);
      }
    }
    return packed.toByteArray();
  }

  private static byte[] manifest(byte[] upstream, String version) throws IOException {
    var manifest = new Manifest(new ByteArrayInputStream(upstream));
    var attributes = manifest.getMainAttributes();
    attributes.putValue("Main-Class", Main.class.getName());
    // Where the jar is on the boot class path from the start, the JVM keeps using its archives of
    // classes. The path is relative to the jar.
    attributes.putValue("Boot-Class-Path", "lapalma-agent.jar");
    attributes.putValue("Lapalma-Agent-Version", version);
    var bytes = new ByteArrayOutputStream();
    manifest.write(bytes);
    return bytes.toByteArray();
  }

  private static byte[] joined(byte[] services, byte[] more) {
    return (new String(services, StandardCharsets.UTF_8).stripTrailing()
            + '\n'
            + new String(more, StandardCharsets.UTF_8))
        .getBytes(StandardCharsets.UTF_8);
  }

  private static void put(ZipOutputStream out, String name, byte[] content, int method, long time)
      throws IOException {
    var entry = new ZipEntry(name);
    entry.setTime(time);
    entry.setMethod(method);
    if (method == ZipEntry.STORED) {
      var sum = new CRC32();
      sum.update(content);
      entry.setCrc(sum.getValue());
      entry.setSize(content.length);
    }
    out.putNextEntry(entry);
    out.write(content);
    out.closeEntry();
  }
}
