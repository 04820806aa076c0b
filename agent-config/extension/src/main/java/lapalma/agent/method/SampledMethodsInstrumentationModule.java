package lapalma.agent.method;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.incubator.ExtendedOpenTelemetry;
import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Makes the spans of upstream's {@code methods}, but only where the request is sampled.
 *
 * <p>Upstream makes one in any case, and asks the sampler; for a request that is not sampled it is
 * thrown away. The methods stand under {@code sampled_methods} as they would under {@code methods}.
 */
public final class SampledMethodsInstrumentationModule extends InstrumentationModule {
  private static final Logger log =
      Logger.getLogger(SampledMethodsInstrumentationModule.class.getName());

  private final List<MethodsToTrace> methods;

  public SampledMethodsInstrumentationModule() {
    super("sampled-methods");
    methods = MethodsToTrace.from(config(), log::warning);
    if (log.isLoggable(Level.FINE)) {
      tellMissingClasses();
    }
  }

  /**
   * Not a warning: some apps load their classes from elsewhere. {@code make check-config} reads it.
   */
  private void tellMissingClasses() {
    for (MethodsToTrace one : methods) {
      String file = one.className().replace('.', '/') + ".class";
      if (ClassLoader.getSystemResource(file) == null) {
        log.fine(
            "sampled_methods names %s, which is not on the class path.".formatted(one.className()));
      }
    }
  }

  @Override
  public List<TypeInstrumentation> typeInstrumentations() {
    return methods.stream().<TypeInstrumentation>map(MethodInstrumentation::new).toList();
  }

  private static DeclarativeConfigProperties config() {
    return GlobalOpenTelemetry.get() instanceof ExtendedOpenTelemetry extended
        ? extended.getInstrumentationConfig("sampled_methods")
        : DeclarativeConfigProperties.empty();
  }

  @Override
  public List<String> getAdditionalHelperClassNames() {
    // Without types the agent has no use for helpers, and warns of them.
    return methods.isEmpty()
        ? List.of()
        : List.of(
            "lapalma.agent.method.MethodSpan",
            "lapalma.agent.method.MethodDescription",
            "lapalma.agent.method.MethodDescription$OfEachClass",
            "lapalma.agent.method.MethodDescription$Method",
            "lapalma.agent.method.MethodDescription$MethodAttributes");
  }
}
