package lapalma.agent.log;

import static io.opentelemetry.javaagent.extension.matcher.AgentElementMatchers.hasClassesNamed;

import io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import java.util.List;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * Keeps log lines below WARN that belong to traces which are not sampled from upstream's {@code
 * logback_appender}, which exports all others.
 *
 * <p>The SDK's own {@code trace_based} would drop errors of such requests too, and only after the
 * record was made: a part of each request's cost.
 */
public final class SampledLogsInstrumentationModule extends InstrumentationModule {

  public SampledLogsInstrumentationModule() {
    super("sampled-logs");
  }

  /** Only where it is named: it takes lines away. */
  @Override
  public boolean defaultEnabled() {
    return false;
  }

  /** Around upstream's module, which is at 0. */
  @Override
  public int order() {
    return -1;
  }

  @Override
  public ElementMatcher.Junction<ClassLoader> classLoaderMatcher() {
    return hasClassesNamed("ch.qos.logback.classic.spi.LoggingEvent");
  }

  @Override
  public List<TypeInstrumentation> typeInstrumentations() {
    return List.of(new ExportInstrumentation());
  }

  @Override
  public List<String> getAdditionalHelperClassNames() {
    return List.of("lapalma.agent.log.UnsampledLines");
  }
}
