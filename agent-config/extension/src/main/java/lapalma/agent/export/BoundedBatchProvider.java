package lapalma.agent.export;

import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.internal.ComponentProvider;
import io.opentelemetry.sdk.logs.LogRecordProcessor;
import io.opentelemetry.sdk.logs.export.BatchLogRecordProcessor;
import io.opentelemetry.sdk.logs.export.BatchLogRecordProcessorBuilder;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessorBuilder;
import io.opentelemetry.sdk.trace.export.SpanExporter;

/**
 * Makes {@code bounded_batch} a processor of the declarative configuration: the SDK's {@code
 * batch}, which delivers a batch or waits until it can, and whose queue is bounded in bytes too.
 * {@link BatchSettings} has the settings.
 */
public abstract class BoundedBatchProvider implements ComponentProvider {
  private final Class<?> type;
  private final Backlog.Signal signal;

  BoundedBatchProvider(Class<?> type, Backlog.Signal signal) {
    this.type = type;
    this.signal = signal;
  }

  @Override
  public Class<?> getType() {
    return type;
  }

  @Override
  public String getName() {
    return "bounded_batch";
  }

  @Override
  public Object create(DeclarativeConfigProperties config) {
    BatchSettings settings = BatchSettings.of(config);
    return create(
        config,
        settings,
        new Backlog(signal, settings.maxQueueSize(), settings.maxQueueBytes(), Exporters.METERS));
  }

  abstract Object create(
      DeclarativeConfigProperties config, BatchSettings settings, Backlog backlog);

  /** Of spans. */
  public static final class Spans extends BoundedBatchProvider {
    public Spans() {
      super(SpanProcessor.class, Backlog.Signal.SPANS);
    }

    @Override
    Object create(DeclarativeConfigProperties config, BatchSettings settings, Backlog backlog) {
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

  /** Of log records. */
  public static final class LogRecords extends BoundedBatchProvider {
    public LogRecords() {
      super(LogRecordProcessor.class, Backlog.Signal.LOG_RECORDS);
    }

    @Override
    Object create(DeclarativeConfigProperties config, BatchSettings settings, Backlog backlog) {
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
}
