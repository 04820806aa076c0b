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
    return new BoundedSpanProcessor(
        new Backlog(
            Backlog.Signal.SPANS,
            settings.maxQueueSize(),
            settings.maxQueueBytes(),
            Exporters.METERS),
        Exporters.of(SpanExporter.class, config),
        exporter -> batch(exporter, settings, config));
  }

  private static SpanProcessor batch(
      SpanExporter exporter, BatchSettings settings, DeclarativeConfigProperties config) {
    BatchSpanProcessorBuilder builder =
        BatchSpanProcessor.builder(exporter)
            .setScheduleDelay(settings.scheduleDelay())
            .setMaxExportBatchSize(settings.maxExportBatchSize())
            .setMaxQueueSize(settings.maxQueueSize())
            .setExporterTimeout(BatchSettings.UNLIMITED);
    Exporters.setInternalTelemetry(
        config, builder::setMeterProvider, builder::setInternalTelemetryVersion);
    return builder.build();
  }
}
