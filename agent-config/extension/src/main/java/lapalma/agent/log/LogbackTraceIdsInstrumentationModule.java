package lapalma.agent.log;

import static io.opentelemetry.javaagent.extension.matcher.AgentElementMatchers.hasClassesNamed;

import io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import java.util.List;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * Puts trace ids into the lines of Logback. It replaces upstream's {@code logback_mdc}, which wraps
 * each event and copies its MDC.
 */
public final class LogbackTraceIdsInstrumentationModule extends InstrumentationModule {

  public LogbackTraceIdsInstrumentationModule() {
    super("logback-trace-ids");
  }

  /** Enabled only by name, because upstream's own module is enabled by default. */
  @Override
  public boolean defaultEnabled() {
    return false;
  }

  /** Before upstream's {@code logback_appender}, at 0: once that reads the MDC, none can be set. */
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
        new CallAppendersInstrumentation(CallAppendersInstrumentation.TraceIdsAdvice.class));
  }

  @Override
  public List<String> getAdditionalHelperClassNames() {
    return List.of(
        "lapalma.agent.log.SpanFields$InOrder",
        "lapalma.agent.log.SpanFields$Fields",
        "lapalma.agent.log.SpanFields",
        "lapalma.agent.log.TraceIds");
  }
}
