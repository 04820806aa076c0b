package lapalma.agent.weaving;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.instrument.Instrumentation;
import java.net.JarURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.util.jar.JarFile;
import net.bytebuddy.agent.ByteBuddyAgent;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Puts the agent's classes where the agent puts them.
 *
 * <p>Before the first test: a class that the app's class loader has loaded by itself stays its own,
 * and the boot class loader would then have another {@code Context}.
 */
public final class AgentOnClassPath implements LauncherSessionListener {

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    Instrumentation jvm = ByteBuddyAgent.install();
    AgentClasses agent = AgentClasses.ofTheApi();
    try {
      jvm.appendToBootstrapClassLoaderSearch(
          jarWith("io/opentelemetry/common/ComponentLoader.class"));
      jvm.appendToBootstrapClassLoaderSearch(jarWith("io/opentelemetry/context/Context.class"));
      jvm.appendToBootstrapClassLoaderSearch(jar(agent.bridge()));
      jvm.appendToSystemClassLoaderSearch(jar(agent.instrumentation()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JarFile jar(Path path) throws IOException {
    return new JarFile(path.toFile());
  }

  private static JarFile jarWith(String resource) throws IOException {
    var connection = (JarURLConnection) ClassLoader.getSystemResource(resource).openConnection();
    return new JarFile(Path.of(URI.create(connection.getJarFileURL().toString())).toFile());
  }
}
