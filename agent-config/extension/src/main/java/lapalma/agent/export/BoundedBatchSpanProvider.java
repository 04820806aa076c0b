package lapalma.agent.export;

import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.internal.ComponentProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessorBuilder;
import io.opentelemetry.sdk.trace.export.SpanExporter;

/**
 * Makes {@code bounded_batch} a span processor of the declarative configuration: the SDK's {@code
 * batch}, which delivers a batch or waits until it can, and whose queue is bounded in bytes too.
 * {@link BatchSettings} has the settings.
 */
public final class BoundedBatchSpanProvider implements ComponentProvider {
  static final String NAME = "bounded_batch";

  @Override
  public Class<?> getType() {
    return SpanProcessor.class;
  }

  @Override
  public String getName() {
    return NAME;
  }

  @Override
  public Object create(DeclarativeConfigProperties config) {
    BatchSettings settings = BatchSettings.of(config);
    var backlog =
        new Backlog(
            Backlog.Signal.SPANS,
            settings.maxQueueSize(),
            settings.maxQueueBytes(),
            Exporters.METERS);
    BatchSpanProcessorBuilder batch =
        BatchSpanProcessor.builder(
                new BoundedSpanProcessor.Exporter(
                    Exporters.of(SpanExporter.class, config), backlog))
            .setScheduleDelay(settings.scheduleDelay())
            .setMaxExportBatchSize(settings.maxExportBatchSize())
            .setMaxQueueSize(settings.maxQueueSize())
            .setExporterTimeout(BatchSettings.UNLIMITED);
    Exporters.setInternalTelemetry(
        config, batch::setMeterProvider, batch::setInternalTelemetryVersion);
    return new BoundedSpanProcessor(backlog, batch.build());
  }
}
