package lapalma.agent.exit;

import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfigurationCustomizer;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfigurationCustomizerProvider;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.trace.export.SpanExporter;

/**
 * Bounds how long OTLP/HTTP exporters of spans and of log records, in the declarative
 * configuration, hold the JVM's exit.
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

  // A twin is wrapped and not the exporter itself: the SDK closes what a customizer replaces.

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
