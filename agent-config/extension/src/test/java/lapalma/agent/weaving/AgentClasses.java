package lapalma.agent.weaving;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.commons.ClassRemapper;
import net.bytebuddy.jar.asm.commons.Remapper;
import net.bytebuddy.utility.OpenedClassReader;

/**
 * What the agent's jar has for Undertow, under the names that it has in upstream's sources.
 *
 * <p>In the jar the OpenTelemetry API has other names, so that it does not meet the app's. When the
 * agent loads the extension, it gives these names to the extension too; here it is the other way
 * around, and the extension stays as it was compiled.
 */
record AgentClasses(Path agent) {
  private static final String INSTRUMENTATION =
      "io/opentelemetry/javaagent/instrumentation/undertow/v1_4/";
  private static final String BOOTSTRAP = "io/opentelemetry/javaagent/bootstrap/";
  private static final String SERVLET = BOOTSTRAP + "servlet/";

  /** The folder of the jar whose classes no class loader finds but the agent's. */
  private static final String HIDDEN = "inst/";

  /** Made by the build: see the pom. */
  static AgentClasses ofTheApi() {
    return new AgentClasses(Path.of("target/agent/opentelemetry-javaagent.jar"));
  }

  /** Upstream's instrumentation of Undertow, and what its advice calls. */
  Path instrumentation() {
    return jar(
        "undertow.jar", name -> name.startsWith(INSTRUMENTATION) || name.startsWith(BOOTSTRAP));
  }

  /** What {@code HandledException} looks for in the boot class loader, and what that calls. */
  Path bridge() {
    return jar("bridge.jar", name -> name.startsWith(SERVLET));
  }

  /** The binary names of what may be an instrumentation of a type. */
  List<String> typeInstrumentations() {
    List<String> names = new ArrayList<>();
    try (var jar = new JarFile(agent.toFile())) {
      jar.stream()
          .map(AgentClasses::className)
          .filter(name -> name.startsWith(INSTRUMENTATION) && name.endsWith("Instrumentation"))
          .forEach(name -> names.add(name.replace('/', '.')));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return names;
  }

  private Path jar(String fileName, Predicate<String> wanted) {
    Path written = agent.resolveSibling(fileName);
    try (var jar = new JarFile(agent.toFile());
        var out = new JarOutputStream(Files.newOutputStream(written))) {
      for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
        String name = className(entry);
        if (wanted.test(name)) {
          out.putNextEntry(new JarEntry(name + ".class"));
          try (InputStream in = jar.getInputStream(entry)) {
            out.write(upstreamsNames(in.readAllBytes()));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return written;
  }

  /** Empty where the entry is no class. */
  private static String className(JarEntry entry) {
    String name = entry.getName();
    if (name.startsWith(HIDDEN) && name.endsWith(".classdata")) {
      return name.substring(HIDDEN.length(), name.length() - ".classdata".length());
    }
    return name.endsWith(".class") ? name.substring(0, name.length() - ".class".length()) : "";
  }

  private static byte[] upstreamsNames(byte[] shaded) {
    var writer = new ClassWriter(0);
    OpenedClassReader.of(shaded)
        .accept(new ClassRemapper(writer, new UpstreamsNames()), ClassReader.EXPAND_FRAMES);
    return writer.toByteArray();
  }

  private static final class UpstreamsNames extends Remapper {
    private static final String SHADED = "io/opentelemetry/javaagent/shaded/";

    UpstreamsNames() {
      super(OpenedClassReader.ASM_API);
    }

    @Override
    public String map(String name) {
      if (name.startsWith(SHADED + "io/opentelemetry/")) {
        return name.substring(SHADED.length());
      }
      return name.startsWith(SHADED + "instrumentation/")
          ? "io/opentelemetry/" + name.substring(SHADED.length())
          : name;
    }
  }
}
