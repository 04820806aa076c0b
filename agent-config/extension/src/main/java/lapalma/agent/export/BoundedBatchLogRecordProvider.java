package lapalma.agent.export;

import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.internal.ComponentProvider;
import io.opentelemetry.sdk.logs.LogRecordProcessor;
import io.opentelemetry.sdk.logs.export.BatchLogRecordProcessor;
import io.opentelemetry.sdk.logs.export.BatchLogRecordProcessorBuilder;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;

/**
 * Makes {@code bounded_batch} a processor of log records too: see {@link BoundedBatchSpanProvider}.
 */
public final class BoundedBatchLogRecordProvider implements ComponentProvider {
  @Override
  public Class<?> getType() {
    return LogRecordProcessor.class;
  }

  @Override
  public String getName() {
    return BoundedBatchSpanProvider.NAME;
  }

  @Override
  public Object create(DeclarativeConfigProperties config) {
    BatchSettings settings = BatchSettings.of(config);
    var backlog =
        new Backlog(
            Backlog.Signal.LOG_RECORDS,
            settings.maxQueueSize(),
            settings.maxQueueBytes(),
            Exporters.METERS);
    BatchLogRecordProcessorBuilder batch =
        BatchLogRecordProcessor.builder(
                new BoundedLogRecordProcessor.Exporter(
                    Exporters.of(LogRecordExporter.class, config), backlog))
            .setScheduleDelay(settings.scheduleDelay())
            .setMaxExportBatchSize(settings.maxExportBatchSize())
            .setMaxQueueSize(settings.maxQueueSize())
            .setExporterTimeout(BatchSettings.UNLIMITED);
    Exporters.setInternalTelemetry(
        config, batch::setMeterProvider, batch::setInternalTelemetryVersion);
    return new BoundedLogRecordProcessor(backlog, batch.build());
  }
}
