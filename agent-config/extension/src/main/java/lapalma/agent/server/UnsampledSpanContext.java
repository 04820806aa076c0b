package lapalma.agent.server;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.api.trace.TraceState;

/** The ids of a request that is not sampled. They become text only when a caller needs it. */
public final class UnsampledSpanContext implements SpanContext {
  /** The flag with which the SDK marks random ids. */
  private static final TraceFlags RANDOM = TraceFlags.fromByte((byte) 2);

  private final long traceIdHigh;
  private final long traceIdLow;
  private final long span;

  // Written without a lock: threads that do so at the same time make equal texts.
  private String traceId;
  private String spanId;

  UnsampledSpanContext(long traceIdHigh, long traceIdLow, long span) {
    this.traceIdHigh = traceIdHigh;
    this.traceIdLow = traceIdLow;
    this.span = span;
  }

  @Override
  public String getTraceId() {
    String id = traceId;
    if (id == null) {
      id = TraceId.fromLongs(traceIdHigh, traceIdLow);
      traceId = id;
    }
    return id;
  }

  @Override
  public String getSpanId() {
    String id = spanId;
    if (id == null) {
      id = SpanId.fromLong(span);
      spanId = id;
    }
    return id;
  }

  @Override
  public boolean isSampled() {
    return false;
  }

  @Override
  public boolean isValid() {
    return true;
  }

  @Override
  public TraceFlags getTraceFlags() {
    return RANDOM;
  }

  @Override
  public TraceState getTraceState() {
    return TraceState.getDefault();
  }

  @Override
  public boolean isRemote() {
    return false;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof UnsampledSpanContext context
        && context.traceIdHigh == traceIdHigh
        && context.traceIdLow == traceIdLow
        && context.span == span;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(span);
  }

  @Override
  public String toString() {
    return "UnsampledSpanContext{traceId=" + getTraceId() + ", spanId=" + getSpanId() + "}";
  }
}
