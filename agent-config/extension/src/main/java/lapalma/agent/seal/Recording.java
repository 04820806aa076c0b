package lapalma.agent.seal;

import io.opentelemetry.javaagent.extension.AgentListener;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.utility.JavaModule;
import org.jspecify.annotations.Nullable;

/**
 * Loads all classes of the class path and of the JDK under the agent, and records which it leaves
 * alone. Nothing of the app is initialized or run.
 */
public final class Recording implements AgentListener {
  /** The system property with the path of the seal to write. */
  static final String RECORD = "lapalma.seal.record";

  private static final String CLASS = ".class";

  private static final Set<String> ignored = ConcurrentHashMap.newKeySet();
  private static final Set<String> notIgnored = ConcurrentHashMap.newKeySet();

  /** Called by the agent, which makes its listeners first of all. */
  public Recording() {
    SealedStart.check();
  }

  /** Null if this JVM records nothing. */
  static @Nullable String path() {
    return System.getProperty(RECORD);
  }

  /**
   * A class counts as left alone only where the agent has looked at it and said so. It does not
   * look at one that is loaded while it looks at another.
   */
  static AgentBuilder.Listener listener() {
    return new AgentBuilder.Listener.Adapter() {
      @Override
      public void onIgnored(
          TypeDescription type, ClassLoader loader, JavaModule module, boolean loaded) {
        if (LeftAlone.isBuiltIn(loader)) {
          ignored.add(type.getName());
        }
      }

      @Override
      public void onTransformation(
          TypeDescription type,
          ClassLoader loader,
          JavaModule module,
          boolean loaded,
          DynamicType changed) {
        notIgnored.add(type.getName());
      }

      @Override
      public void onError(
          String name, ClassLoader loader, JavaModule module, boolean loaded, Throwable error) {
        notIgnored.add(name);
      }
    };
  }

  @Override
  public void afterAgent(AutoConfiguredOpenTelemetrySdk sdk) {
    if (path() == null) {
      return;
    }
    try {
      for (Path jar : Jars.ofTheClassPath()) {
        try (var open = new JarFile(jar.toFile())) {
          load(open.stream().map(java.util.zip.ZipEntry::getName));
        }
      }
      for (var module : ModuleLayer.boot().configuration().modules()) {
        try (var open = module.reference().open()) {
          load(open.list());
        }
      }
      ignored.removeAll(notIgnored);
      new Seal(Binding.now(), LeftAlone.of(ignored)).write(Path.of(path()));
      System.out.printf(
          "The agent leaves %,d classes alone and changes %,d.%n",
          ignored.size(), notIgnored.size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void load(Stream<String> files) {
    files
        .filter(name -> name.endsWith(CLASS) && name.indexOf('-') < 0)
        .map(name -> name.substring(0, name.length() - CLASS.length()).replace('/', '.'))
        .forEach(Recording::load);
  }

  private static void load(String name) {
    try {
      Class.forName(name, false, ClassLoader.getSystemClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      // It needs a class that is not there, so the app cannot load it either.
      return;
    }
  }

  @Override
  public int order() {
    return Integer.MAX_VALUE;
  }
}
