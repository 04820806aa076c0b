package lapalma.agent.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

class KnownKeysTest {
  /** The pinned agent, in which classes stand under {@code inst/} and have another ending. */
  private static final class Agent extends ClassLoader implements AutoCloseable {
    private final JarFile jar = new JarFile("target/agent/pinned.jar");

    Agent() throws IOException {
      super(getPlatformClassLoader());
    }

    byte[] read(String name) throws IOException {
      JarEntry entry = jar.getJarEntry(name);
      if (entry == null) {
        return null;
      }
      try (InputStream in = jar.getInputStream(entry)) {
        return in.readAllBytes();
      }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      String path = name.replace('.', '/');
      try {
        byte[] hidden = read("inst/" + path + ".classdata");
        byte[] bytes = hidden == null ? read(path + ".class") : hidden;
        if (bytes != null) {
          return defineClass(name, bytes, 0, bytes.length);
        }
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
      throw new ClassNotFoundException(name);
    }

    @Override
    public void close() throws IOException {
      jar.close();
    }
  }

  /** Otherwise a correct name in {@code enabled} could be called a misspelled one. */
  @Test
  void everyInstrumentationOfThePinnedAgentIsKnown() throws Exception {
    Set<String> names = new TreeSet<>();
    try (var agent = new Agent()) {
      String module = "io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule";
      for (String line :
          new String(agent.read("inst/META-INF/services/" + module), UTF_8).split("\n")) {
        try {
          Object one = agent.loadClass(line.strip()).getConstructor().newInstance();
          for (Object name :
              (Iterable<?>) one.getClass().getMethod("instrumentationNames").invoke(one)) {
            names.add(name.toString().replace('-', '_'));
          }
        } catch (UnsupportedClassVersionError e) {
          // A module for apps on a newer JDK than this one.
        }
      }
    }

    assertThat(names).contains("undertow", "undertow_1.4").hasSizeGreaterThan(500);
    assertThat(new KnownKeys().instrumentations()).containsAll(names);
  }
}
