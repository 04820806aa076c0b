package lapalma.agent.metrics;

import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.internal.ComponentProvider;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import java.io.UncheckedIOException;
import java.util.logging.Level;
import java.util.logging.Logger;
import lapalma.agent.config.Components;

/**
 * Makes {@code optional_prometheus} a metric reader of the declarative configuration. It takes the
 * settings of upstream's {@code prometheus/development}, but a failure to listen costs only the
 * metrics.
 *
 * <p>Upstream gives up the whole SDK if the port is taken: the app would also lose its traces and
 * the trace ids in its log.
 */
public final class OptionalPrometheusProvider implements ComponentProvider {
  private static final Logger log = Logger.getLogger(OptionalPrometheusProvider.class.getName());

  private static final String UPSTREAM = "prometheus/development";
  private static final String LOG_LEVEL =
      "io.opentelemetry.javaagent.slf4j.simpleLogger.log.io.opentelemetry.exporter.prometheus";

  @Override
  public Class<?> getType() {
    return MetricReader.class;
  }

  @Override
  public String getName() {
    return "optional_prometheus";
  }

  @Override
  public Object create(DeclarativeConfigProperties config) {
    // It would warn at each scrape that exemplars lose the attributes that views drop.
    System.getProperties().putIfAbsent(LOG_LEVEL, "error");
    ComponentProvider upstream = Components.provider(config, MetricReader.class, UPSTREAM);
    try {
      return upstream.create(config);
    } catch (UncheckedIOException | IllegalArgumentException e) {
      Throwable cause = e.getCause();
      Throwable why = e instanceof UncheckedIOException && cause != null ? cause : e;
      log.log(
          Level.SEVERE,
          "Metrics are not served on {0}:{1} ({2}). Traces are still recorded. Free that port, or"
              + " correct OTEL_EXPORTER_PROMETHEUS_HOST or OTEL_EXPORTER_PROMETHEUS_PORT.",
          new Object[] {
            config.getString("host"), String.valueOf(config.getInt("port")), why.getMessage()
          });
      return new DroppingReader();
    }
  }

  /**
   * Reads nothing, and asks the SDK to keep nothing for it. The SDK still keeps the metrics of a
   * view that names an aggregation.
   */
  private static final class DroppingReader implements MetricReader {

    @Override
    public Aggregation getDefaultAggregation(InstrumentType instrumentType) {
      return Aggregation.drop();
    }

    @Override
    public AggregationTemporality getAggregationTemporality(InstrumentType instrumentType) {
      return AggregationTemporality.CUMULATIVE;
    }

    @Override
    public void register(CollectionRegistration registration) {}

    @Override
    public CompletableResultCode forceFlush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }
}
