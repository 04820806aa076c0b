package lapalma.agent.metrics;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.instrumentation.jmx.JmxTelemetry;
import io.opentelemetry.javaagent.extension.AgentListener;
import io.opentelemetry.javaagent.extension.instrumentation.internal.AgentDistributionConfig;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Makes MBeans of Undertow's threads metrics, by the rules in {@code undertow.yaml}. In the
 * configuration of the agent's own JMX metrics, they would need a path outside of the jar.
 *
 * <p>They are enabled with either module of Undertow, or by the name {@code undertow_metrics}.
 */
public final class UndertowMetrics implements AgentListener {
  private static final Logger log = Logger.getLogger(UndertowMetrics.class.getName());
  private static final Duration FIRST_LOOK = Duration.ofSeconds(1);

  @Override
  public void afterAgent(AutoConfiguredOpenTelemetrySdk sdk) {
    try (InputStream rules = UndertowMetrics.class.getResourceAsStream("undertow.yaml")) {
      if (areEnabled(AgentDistributionConfig.get())) {
        // By default, XNIO does not count busy workers.
        System.getProperties().putIfAbsent("jboss.threads.eqe.statistics", "true");
        JmxTelemetry telemetry =
            JmxTelemetry.builder(GlobalOpenTelemetry.get())
                .beanDiscoveryDelay(FIRST_LOOK)
                .addRules(rules)
                .build();
        // Its type is another one in newer agents.
        JmxTelemetry.class.getMethod("start").invoke(telemetry);
      }
    } catch (IOException | ReflectiveOperationException | LinkageError e) {
      log.log(
          Level.WARNING, "Metrics of Undertow's threads are off: they do not fit this agent.", e);
    }
  }

  private static boolean areEnabled(AgentDistributionConfig config) {
    return config.isInstrumentationEnabled(
        "undertow-metrics",
        config.isInstrumentationEnabled("undertow-server", false)
            || config.isInstrumentationEnabled(
                "undertow", config.isInstrumentationDefaultEnabled()));
  }
}
