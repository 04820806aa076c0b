package lapalma.agent.seal;

import io.opentelemetry.javaagent.tooling.ExtensionClassLoader;
import java.lang.instrument.Instrumentation;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import net.bytebuddy.agent.builder.AgentBuilder.RedefinitionStrategy.DiscoveryStrategy;

/**
 * The loaded classes at which the agent has to look when it is installed: those that it changes,
 * and those of which nothing is known. From an archive, the JVM has loaded most of the app's by
 * then.
 */
final class UnsealedClasses implements DiscoveryStrategy {
  private static final ClassLoader AGENT = ExtensionClassLoader.class.getClassLoader();

  private final LeftAlone leftAlone;

  UnsealedClasses(LeftAlone leftAlone) {
    this.leftAlone = leftAlone;
  }

  @Override
  public Iterable<Iterable<Class<?>>> resolve(Instrumentation instrumentation) {
    return () -> {
      var rounds = Reiterating.INSTANCE.resolve(instrumentation).iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return rounds.hasNext();
        }

        @Override
        public Iterable<Class<?>> next() {
          return unsealed(rounds.next());
        }
      };
    };
  }

  private List<Class<?>> unsealed(Iterable<Class<?>> loaded) {
    List<Class<?>> unsealed = new ArrayList<>();
    for (Class<?> one : loaded) {
      ClassLoader loader = one.getClassLoader();
      boolean agents = loader == AGENT || loader instanceof ExtensionClassLoader;
      if (!agents && !leftAlone.contains(loader, one.getName())) {
        unsealed.add(one);
      }
    }
    return unsealed;
  }
}
