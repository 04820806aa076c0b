package lapalma.e2e.fit;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;

/** Runs an app whose jar no class path names. */
public final class LateLibraryApp {
  private LateLibraryApp() {}

  /** Runs the main class {@code arguments[1]} of the jar {@code arguments[0]}. */
  public static void main(String[] arguments) throws Exception {
    var loader =
        new URLClassLoader(
            new URL[] {Path.of(arguments[0]).toUri().toURL()},
            ClassLoader.getPlatformClassLoader());
    Thread.currentThread().setContextClassLoader(loader);
    loader
        .loadClass(arguments[1])
        .getMethod("main", String[].class)
        .invoke(null, (Object) new String[0]);
  }
}
