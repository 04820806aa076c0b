package lapalma.agent.exit;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;

/** An exporter of spans that holds the JVM's exit no longer than its {@link ExitBound} allows. */
final class ExitBoundSpanExporter implements SpanExporter {
  private final SpanExporter delegate;
  private final ExitBound bound;

  ExitBoundSpanExporter(SpanExporter delegate, ExitBound bound) {
    this.delegate = delegate;
    this.bound = bound;
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    return bound.export(() -> delegate.export(spans));
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
    return "ExitBoundSpanExporter{" + delegate + "}";
  }
}
