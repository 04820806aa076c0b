package lapalma.agent.server;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.api.trace.TraceState;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The span of a request that is not sampled: it records nothing. One object is both the span and
 * its context, because most requests need one. Its IDs become text only when a caller needs it.
 */
public final class UnsampledSpan implements Span, SpanContext {
  /** The flag with which the SDK marks random IDs. */
  private static final TraceFlags RANDOM = TraceFlags.fromByte((byte) 2);

  private final long traceIdHigh;
  private final long traceIdLow;
  private final long id;

  // Written without a lock: threads that do so at the same time make equal texts.
  private @Nullable String traceId;
  private @Nullable String spanId;

  private UnsampledSpan(long traceIdHigh, long traceIdLow, long id) {
    this.traceIdHigh = traceIdHigh;
    this.traceIdLow = traceIdLow;
    this.id = id;
  }

  /** Returns a span of a trace with a random ID of its own. */
  static UnsampledSpan of(long traceIdHigh, long traceIdLow) {
    long id;
    do {
      id = ThreadLocalRandom.current().nextLong();
    } while (id == 0);
    return new UnsampledSpan(traceIdHigh, traceIdLow, id);
  }

  @Override
  public String getTraceId() {
    String text = traceId;
    if (text == null) {
      text = TraceId.fromLongs(traceIdHigh, traceIdLow);
      traceId = text;
    }
    return text;
  }

  @Override
  public String getSpanId() {
    String text = spanId;
    if (text == null) {
      text = SpanId.fromLong(id);
      spanId = text;
    }
    return text;
  }

  @Override
  public SpanContext getSpanContext() {
    return this;
  }

  @Override
  public boolean isRecording() {
    return false;
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
  public <T> Span setAttribute(AttributeKey<T> key, T value) {
    return this;
  }

  @Override
  public Span addEvent(String name, Attributes attributes) {
    return this;
  }

  @Override
  public Span addEvent(String name, Attributes attributes, long timestamp, TimeUnit unit) {
    return this;
  }

  @Override
  public Span setStatus(StatusCode statusCode, String description) {
    return this;
  }

  @Override
  public Span recordException(Throwable exception, Attributes additionalAttributes) {
    return this;
  }

  @Override
  public Span updateName(String name) {
    return this;
  }

  @Override
  public void end() {}

  @Override
  public void end(long timestamp, TimeUnit unit) {}

  @Override
  public boolean equals(Object other) {
    return other instanceof UnsampledSpan span
        && span.traceIdHigh == traceIdHigh
        && span.traceIdLow == traceIdLow
        && span.id == id;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(id);
  }

  @Override
  public String toString() {
    return "UnsampledSpan{traceId=" + getTraceId() + ", spanId=" + getSpanId() + "}";
  }
}
