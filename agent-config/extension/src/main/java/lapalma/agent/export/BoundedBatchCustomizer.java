package lapalma.agent.export;

import io.opentelemetry.common.ComponentLoader;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdkBuilder;
import io.opentelemetry.sdk.autoconfigure.spi.AutoConfigurationCustomizer;
import io.opentelemetry.sdk.autoconfigure.spi.AutoConfigurationCustomizerProvider;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.logs.LogRecordProcessor;
import io.opentelemetry.sdk.logs.export.BatchLogRecordProcessor;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Where the agent is configured by variables and system properties, makes its batches what {@code
 * bounded_batch} is in the declarative configuration, with the same senders.
 *
 * <p>Only the defaults of {@code otel.bsp.*} and {@code otel.blrp.*} differ from upstream's.
 */
public final class BoundedBatchCustomizer implements AutoConfigurationCustomizerProvider {
  private static final Logger log = Logger.getLogger(BoundedBatchCustomizer.class.getName());
  private static final String SPANS = "otel.bsp.";
  private static final String LOG_RECORDS = "otel.blrp.";
  private static final String QUEUE_SIZE = "max.queue.size";
  private static final String BATCH_SIZE = "max.export.batch.size";

  /** The last, because the others may look at upstream's exporters. */
  @Override
  public int order() {
    return Integer.MAX_VALUE;
  }

  @Override
  public void customize(AutoConfigurationCustomizer customizer) {
    if (customizer instanceof AutoConfiguredOpenTelemetrySdkBuilder sdk) {
      // Now the components are loaded; only exporters still load their senders and compressors.
      sdk.setComponentLoader(
          Exporters.senders(ComponentLoader.forClassLoader(getClass().getClassLoader())));
    }
    customizer
        .addPropertiesCustomizer(BoundedBatchCustomizer::defaults)
        .addSpanExporterCustomizer(
            (exporter, config) ->
                new BoundedSpanProcessor.Exporter(
                    exporter, backlog(Backlog.Signal.SPANS, SPANS, config)))
        .addSpanProcessorCustomizer((processor, config) -> bounded(processor))
        .addLogRecordExporterCustomizer(
            (exporter, config) ->
                new BoundedLogRecordProcessor.Exporter(
                    exporter, backlog(Backlog.Signal.LOG_RECORDS, LOG_RECORDS, config)))
        .addLogRecordProcessorCustomizer((processor, config) -> bounded(processor));
  }

  private static Map<String, String> defaults(ConfigProperties config) {
    log.log(
        Level.INFO,
        "Traces go to {0}, metrics to {1}, logs to {2}.",
        new Object[] {
          receiver("traces", config), receiver("metrics", config), receiver("logs", config)
        });
    Map<String, String> defaults = new HashMap<>();
    for (String batch : new String[] {SPANS, LOG_RECORDS}) {
      defaults.put(batch + "schedule.delay", String.valueOf(BatchSettings.DELAY_MILLIS));
      defaults.put(batch + "export.timeout", String.valueOf(BatchSettings.UNLIMITED.toMillis()));
      // A pair: a batch that is larger than the queue is never full.
      if (config.getString(batch + QUEUE_SIZE) == null
          && config.getString(batch + BATCH_SIZE) == null) {
        defaults.put(batch + QUEUE_SIZE, String.valueOf(BatchSettings.QUEUE_SIZE));
        defaults.put(batch + BATCH_SIZE, String.valueOf(BatchSettings.BATCH_SIZE));
      }
    }
    defaults.keySet().removeIf(name -> config.getString(name) != null);
    return defaults;
  }

  private static String receiver(String signal, ConfigProperties config) {
    String exporter = config.getString("otel." + signal + ".exporter", "otlp");
    String protocol =
        config.getString(
            "otel.exporter.otlp." + signal + ".protocol",
            config.getString("otel.exporter.otlp.protocol", "grpc"));
    String endpoint =
        config.getString(
            "otel.exporter.otlp." + signal + ".endpoint",
            config.getString(
                "otel.exporter.otlp.endpoint",
                "http://localhost:" + (protocol.equals("grpc") ? 4317 : 4318)));
    return exporter.equals("otlp") ? withoutSecrets(endpoint) + " (" + protocol + ")" : exporter;
  }

  private static String withoutSecrets(String endpoint) {
    try {
      return Courier.withoutSecrets(URI.create(endpoint));
    } catch (IllegalArgumentException e) {
      return endpoint; // upstream refuses it
    }
  }

  /** The queue of a batch without a setting of its own is the SDK's, of 2048. */
  private static Backlog backlog(Backlog.Signal signal, String batch, ConfigProperties config) {
    return new Backlog(
        signal,
        config.getInt(batch + QUEUE_SIZE, 2048),
        BatchSettings.QUEUE_BYTES,
        Exporters.METERS);
  }

  /** Bounds a batch of one exporter; with several, it stays the SDK's. */
  private static SpanProcessor bounded(SpanProcessor processor) {
    return processor instanceof BatchSpanProcessor batch
            && batch.getSpanExporter() instanceof BoundedSpanProcessor.Exporter exporter
        ? new BoundedSpanProcessor(exporter.backlog(), batch)
        : processor;
  }

  private static LogRecordProcessor bounded(LogRecordProcessor processor) {
    return processor instanceof BatchLogRecordProcessor batch
            && batch.getLogRecordExporter() instanceof BoundedLogRecordProcessor.Exporter exporter
        ? new BoundedLogRecordProcessor(exporter.backlog(), batch)
        : processor;
  }
}
