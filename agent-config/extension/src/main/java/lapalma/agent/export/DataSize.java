package lapalma.agent.export;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.Value;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Estimates the memory of spans and log records, in bytes, from above: two bytes for each
 * character, and the SDK's objects as they are on a 64-bit JVM. A message of OTLP is smaller.
 */
final class DataSize implements BiConsumer<AttributeKey<?>, Object> {
  /** Span, context, ids, clock and the map of attributes. */
  private static final int SPAN = 700;

  private static final int LOG_RECORD = 400;
  private static final int EVENT_OR_LINK = 250;

  /** Entry, boxed value or string without its characters; keys are shared. */
  private static final int ENTRY = 90;

  private static final int CHARACTER = 2;

  private long sum;

  private DataSize() {}

  static long of(SpanData span) {
    var size = new DataSize();
    size.sum = SPAN + (long) EVENT_OR_LINK * (span.getEvents().size() + span.getLinks().size());
    size.add(span.getAttributes());
    for (EventData event : span.getEvents()) {
      size.add(event.getAttributes());
    }
    return size.sum;
  }

  static long of(LogRecordData logRecord) {
    var size = new DataSize();
    size.sum = LOG_RECORD;
    size.add(logRecord.getBodyValue());
    size.add(logRecord.getAttributes());
    return size.sum;
  }

  private void add(Attributes attributes) {
    attributes.forEach(this);
  }

  @Override
  public void accept(AttributeKey<?> key, Object value) {
    add(value);
  }

  private void add(Object value) {
    sum += ENTRY;
    if (value instanceof String text) {
      sum += (long) CHARACTER * text.length();
    } else if (value instanceof Value<?> any) {
      add(any.getValue());
    } else if (value instanceof List<?> several) {
      several.forEach(this::add);
    }
  }
}
