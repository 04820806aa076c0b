package lapalma.agent.fit;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** Run by the build: writes down what each module of an agent needs, see ModuleTable. */
public final class ModuleTableGenerator {
  private ModuleTableGenerator() {}

  /**
   * Writes the table.
   *
   * @param arguments the agent's jar, its version, and the file to write
   */
  public static void main(String[] arguments) throws Exception {
    Path file = Path.of(arguments[2]);
    Files.createDirectories(file.getParent());
    Files.writeString(file, arguments[1] + "\n" + rows(Path.of(arguments[0])));
  }

  static String rows(Path agent) throws Exception {
    try (var jar = new JarFile(agent.toFile())) {
      var loader = new AgentLoader(jar);
      return (String)
          loader
              .loadClass(ModuleRows.class.getName())
              .getMethod("of", ClassLoader.class)
              .invoke(null, loader);
    }
  }

  /** The agent's classes and, among them, the one that asks them. */
  private static final class AgentLoader extends ClassLoader {
    private static final int NEWEST = 44 + Runtime.version().feature();

    private final JarFile jar;

    AgentLoader(JarFile jar) {
      super(ClassLoader.getPlatformClassLoader());
      this.jar = jar;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      String file = name.replace('.', '/') + ".class";
      try (InputStream in =
          name.startsWith("lapalma.")
              ? ModuleTableGenerator.class.getResourceAsStream("/" + file)
              : open(file)) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] code = in.readAllBytes();
        // A module for apps of a newer JDK. It is only asked, so it may as well say that it is
        // older.
        code[7] = (byte) Math.min(code[7], NEWEST);
        return defineClass(name, code, 0, code.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }

    private InputStream open(String file) throws IOException {
      JarEntry entry = entry(file);
      return entry == null ? null : jar.getInputStream(entry);
    }

    private JarEntry entry(String file) {
      JarEntry hidden = jar.getJarEntry("inst/" + file.replaceFirst("\\.class$", ".classdata"));
      return hidden != null ? hidden : jar.getJarEntry(file);
    }

    @Override
    protected URL findResource(String name) {
      try {
        JarEntry entry = entry(name);
        return entry == null
            ? null
            : new URL("jar:" + Path.of(jar.getName()).toUri() + "!/" + entry.getName());
      } catch (IOException e) {
        return null;
      }
    }

    @Override
    protected Enumeration<URL> findResources(String name) {
      URL one = findResource(name);
      return java.util.Collections.enumeration(one == null ? List.of() : List.of(one));
    }
  }
}
