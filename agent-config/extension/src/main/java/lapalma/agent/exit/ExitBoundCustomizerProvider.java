package lapalma.agent.exit;

import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfigurationCustomizer;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfigurationCustomizerProvider;
import io.opentelemetry.sdk.trace.export.SpanExporter;

/**
 * Bounds how long OTLP/HTTP span exporters of the declarative configuration hold the JVM's exit.
 */
public final class ExitBoundCustomizerProvider
    implements DeclarativeConfigurationCustomizerProvider {

  @Override
  public void customize(DeclarativeConfigurationCustomizer customizer) {
    customizer.addSpanExporterCustomizer(
        SpanExporter.class, (exporter, properties) -> bound(exporter));
  }

  private static SpanExporter bound(SpanExporter exporter) {
    if (!(exporter instanceof OtlpHttpSpanExporter otlp)) {
      return exporter;
    }
    // A twin is wrapped and not the exporter itself: the SDK closes what a customizer replaces.
    return ExitBoundSpanExporter.create(otlp.toBuilder().build());
  }
}
