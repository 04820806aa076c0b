package lapalma.agent.export;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.function.Function;

/** The SDK's batch processor of spans, behind a {@link Backlog}. */
final class BoundedSpanProcessor implements SpanProcessor {
  private final Backlog backlog;
  private final SpanProcessor batch;

  /**
   * Makes a processor.
   *
   * @param batch makes the SDK's processor with an exporter
   */
  BoundedSpanProcessor(
      Backlog backlog, SpanExporter exporter, Function<SpanExporter, SpanProcessor> batch) {
    this.backlog = backlog;
    this.batch = batch.apply(new Exporter(exporter, backlog));
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

  private record Exporter(SpanExporter otlp, Backlog backlog) implements SpanExporter {
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
