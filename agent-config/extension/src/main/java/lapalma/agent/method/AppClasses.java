package lapalma.agent.method;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarInputStream;
import net.bytebuddy.dynamic.ClassFileLocator;
import org.jspecify.annotations.Nullable;

/**
 * Finds the classes that an app will have, without loading them: those of the class path, and those
 * that Spring Boot's launcher or a servlet container finds in a jar's folders.
 */
final class AppClasses implements ClassFileLocator {
  private static final String[] FOLDERS = {"BOOT-INF/classes/", "WEB-INF/classes/"};
  private static final String LIBRARY = "(BOOT|WEB)-INF/lib/.+\\.jar";

  private final ClassFileLocator classPath = ClassFileLocator.ForClassLoader.ofSystemLoader();

  @Override
  public Resolution locate(String name) throws IOException {
    Resolution found = classPath.locate(name);
    if (found.isResolved()) {
      return found;
    }
    String file = name.replace('.', '/') + ".class";
    for (String folder : FOLDERS) {
      try (InputStream in = ClassLoader.getSystemResourceAsStream(folder + file)) {
        if (in != null) {
          return new Resolution.Explicit(in.readAllBytes());
        }
      }
    }
    for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
      byte @Nullable [] inLibrary =
          path.endsWith(".jar") ? ofLibraries(new File(path), file) : null;
      if (inLibrary != null) {
        return new Resolution.Explicit(inLibrary);
      }
    }
    return new Resolution.Illegal(name);
  }

  private static byte @Nullable [] ofLibraries(File app, String file) throws IOException {
    if (!app.isFile()) {
      return null;
    }
    try (var jar = new JarFile(app)) {
      for (JarEntry library : (Iterable<JarEntry>) jar.stream()::iterator) {
        if (library.getName().matches(LIBRARY)) {
          try (var classes = new JarInputStream(jar.getInputStream(library))) {
            for (JarEntry one = classes.getNextJarEntry();
                one != null;
                one = classes.getNextJarEntry()) {
              if (one.getName().equals(file)) {
                return classes.readAllBytes();
              }
            }
          }
        }
      }
    }
    return null;
  }

  @Override
  public void close() {}
}
