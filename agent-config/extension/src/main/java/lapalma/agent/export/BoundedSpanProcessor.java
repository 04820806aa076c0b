package lapalma.agent.export;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;

/** The SDK's batch processor of spans, behind a {@link Backlog}. */
final class BoundedSpanProcessor implements SpanProcessor {
  private final Backlog backlog;
  private final SpanProcessor batch;

  /**
   * Makes a processor.
   *
   * @param batch exports by an {@link Exporter} with the same backlog
   */
  BoundedSpanProcessor(Backlog backlog, SpanProcessor batch) {
    this.backlog = backlog;
    this.batch = batch;
  }

  @Override
  public void onStart(Context parentContext, ReadWriteSpan span) {}

  @Override
  public boolean isStartRequired() {
    return false;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    if (span.getSpanContext().isSampled() && backlog.admit(DataSize.of(span.toSpanData()))) {
      batch.onEnd(span);
    }
  }

  @Override
  public boolean isEndRequired() {
    return true;
  }

  @Override
  public CompletableResultCode shutdown() {
    OpenRequests.awaitTheirEnd();
    return backlog.close(batch::shutdown);
  }

  @Override
  public CompletableResultCode forceFlush() {
    return batch.forceFlush();
  }

  @Override
  public String toString() {
    return "BoundedSpanProcessor{" + batch + "}";
  }

  /** Exports to another exporter what the backlog has admitted. */
  record Exporter(SpanExporter otlp, Backlog backlog) implements SpanExporter {
    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      return Chunks.of(spans, DataSize::of).export(backlog, otlp::export);
    }

    @Override
    public CompletableResultCode flush() {
      return otlp.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
      return otlp.shutdown();
    }
  }
}
