package lapalma.agent.exit;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import java.util.Collection;

/**
 * An exporter of log records that holds the JVM's exit no longer than its {@link ExitBound} allows.
 */
final class ExitBoundLogRecordExporter implements LogRecordExporter {
  private final LogRecordExporter delegate;
  private final ExitBound bound;

  ExitBoundLogRecordExporter(LogRecordExporter delegate, ExitBound bound) {
    this.delegate = delegate;
    this.bound = bound;
  }

  @Override
  public CompletableResultCode export(Collection<LogRecordData> records) {
    return bound.export(() -> delegate.export(records));
  }

  @Override
  public CompletableResultCode flush() {
    return delegate.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return bound.shutdown(delegate.shutdown());
  }

  @Override
  public String toString() {
    return "ExitBoundLogRecordExporter{" + delegate + "}";
  }
}
