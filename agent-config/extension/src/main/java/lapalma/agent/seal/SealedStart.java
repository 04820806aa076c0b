package lapalma.agent.seal;

import io.opentelemetry.javaagent.tooling.AgentExtension;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.agent.builder.AgentBuilder.RedefinitionStrategy;
import org.jspecify.annotations.Nullable;

/**
 * Spares the agent the classes that it is known to leave alone, if nothing has changed since that
 * was found out.
 *
 * <p>The agent loads this after its own instrumentation modules and before it installs them.
 */
public final class SealedStart implements AgentExtension {
  /** The system property with the path of the seal. */
  static final String SEAL = "lapalma.seal";

  private static final Logger logger = Logger.getLogger(SealedStart.class.getName());

  /** Null if this start is not sealed. */
  private static volatile @Nullable LeftAlone leftAlone;

  /**
   * Reads the seal, if there is one that holds. The agent must not have opened a port yet, because
   * the app may be started again, and this JVM then stays.
   */
  static void check() {
    String path = System.getProperty(SEAL);
    if (path == null || Recording.path() != null) {
      return;
    }
    String why;
    try {
      Seal seal = Seal.read(Path.of(path));
      Optional<String> difference = seal.binding().differenceToNow();
      if (difference.isEmpty()) {
        leftAlone = seal.leftAlone();
        return;
      }
      why = difference.get();
    } catch (IOException | RuntimeException e) {
      why = "the seal %s cannot be read (%s)".formatted(path, e);
    }
    withoutOldClasses();
    logger.log(
        Level.WARNING,
        "This start is not sealed, because {0}: telemetry is complete, and the start takes longer."
            + " Seal the app again.",
        why);
  }

  @Override
  public AgentBuilder extend(AgentBuilder agent, ConfigProperties config) {
    if (Recording.path() != null) {
      return agent.with(Recording.listener());
    }
    LeftAlone known = leftAlone;
    return known == null ? agent : sealed(agent, known);
  }

  private static AgentBuilder sealed(AgentBuilder agent, LeftAlone leftAlone) {
    return agent
        .with((AgentBuilder.TransformerDecorator) one -> new SealedTransformer(one, leftAlone))
        .with(RedefinitionStrategy.RETRANSFORMATION)
        .with(new UnsealedClasses(leftAlone));
  }

  private static void withoutOldClasses() {
    try {
      Restart.unlessJdkComparesJars();
    } catch (IOException e) {
      // An app of classes that nobody has deployed must not run.
      logger.log(Level.SEVERE, "The app has changed since it was sealed, and does not start: ", e);
      Runtime.getRuntime().halt(1);
    }
  }

  @Override
  public String extensionName() {
    return "sealed-start";
  }
}
