package lapalma.agent.exit;

import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfigurationCustomizer;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfigurationCustomizerProvider;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.trace.export.SpanExporter;

/**
 * Limits the time for which the OTLP/HTTP exporters of spans and log records in the declarative
 * configuration delay the JVM's exit.
 */
public final class ExitBoundCustomizerProvider
    implements DeclarativeConfigurationCustomizerProvider {

  @Override
  public void customize(DeclarativeConfigurationCustomizer customizer) {
    customizer.addSpanExporterCustomizer(
        SpanExporter.class, (exporter, properties) -> bound(exporter));
    customizer.addLogRecordExporterCustomizer(
        LogRecordExporter.class, (exporter, properties) -> bound(exporter));
  }

  // Wraps a copy of the exporter: the SDK closes an exporter that a customizer replaces.

  private static SpanExporter bound(SpanExporter exporter) {
    return exporter instanceof OtlpHttpSpanExporter otlp
        ? new ExitBoundSpanExporter(otlp.toBuilder().build(), ExitBound.atExit())
        : exporter;
  }

  private static LogRecordExporter bound(LogRecordExporter exporter) {
    return exporter instanceof OtlpHttpLogRecordExporter otlp
        ? new ExitBoundLogRecordExporter(otlp.toBuilder().build(), ExitBound.atExit())
        : exporter;
  }
}
