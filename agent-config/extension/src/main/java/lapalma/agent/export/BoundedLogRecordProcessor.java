package lapalma.agent.export;

import io.opentelemetry.api.impl.InstrumentationUtil;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.logs.LogRecordProcessor;
import io.opentelemetry.sdk.logs.ReadWriteLogRecord;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import java.util.Collection;

/** The SDK's batch processor of log records, behind a {@link Backlog}. */
final class BoundedLogRecordProcessor implements LogRecordProcessor {
  private final Backlog backlog;
  private final LogRecordProcessor batch;

  /**
   * Makes a processor.
   *
   * @param batch exports by an {@link Exporter} with the same backlog
   */
  BoundedLogRecordProcessor(Backlog backlog, LogRecordProcessor batch) {
    this.backlog = backlog;
    this.batch = batch;
  }

  @Override
  public void onEmit(Context context, ReadWriteLogRecord logRecord) {
    // What the JDK's client logs at FINE while it sends would be one more message to send.
    if (!InstrumentationUtil.shouldSuppressInstrumentation(context)
        && backlog.admit(DataSize.of(logRecord.toLogRecordData()))) {
      batch.onEmit(context, logRecord);
    }
  }

  @Override
  public CompletableResultCode shutdown() {
    return backlog.close(batch::shutdown);
  }

  @Override
  public CompletableResultCode forceFlush() {
    return batch.forceFlush();
  }

  @Override
  public String toString() {
    return "BoundedLogRecordProcessor{" + batch + "}";
  }

  /** Exports to another exporter what the backlog has admitted. */
  record Exporter(LogRecordExporter otlp, Backlog backlog) implements LogRecordExporter {
    @Override
    public CompletableResultCode export(Collection<LogRecordData> logRecords) {
      return Chunks.of(logRecords, DataSize::of).export(backlog, otlp::export);
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
