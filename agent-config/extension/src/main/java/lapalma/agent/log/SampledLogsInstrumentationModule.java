package lapalma.agent.log;

import static io.opentelemetry.javaagent.extension.matcher.AgentElementMatchers.hasClassesNamed;

import io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import java.util.List;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * Keeps some log lines from upstream's {@code logback_appender}, which exports all others: lines
 * below WARN that belong to a trace that is not sampled.
 *
 * <p>The SDK's own {@code trace_based} would also drop errors of such requests. It does so only
 * after the record has been made, which is a part of each request's cost.
 */
public final class SampledLogsInstrumentationModule extends InstrumentationModule {

  public SampledLogsInstrumentationModule() {
    super("sampled-logs");
  }

  /** Enabled only by name, because it drops lines. */
  @Override
  public boolean defaultEnabled() {
    return false;
  }

  /** Wraps upstream's module, whose order is 0. */
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
    return List.of(
        new CallAppendersInstrumentation(CallAppendersInstrumentation.ExportAdvice.class));
  }

  @Override
  public List<String> getAdditionalHelperClassNames() {
    return List.of("lapalma.agent.log.UnsampledLines");
  }
}
