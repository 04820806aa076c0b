package lapalma.agent.log;

import io.opentelemetry.api.trace.SpanContext;
import java.io.Serializable;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/**
 * The ids of a span as the MDC of a log event. It is no hash table, because every log line needs
 * such a map. Its methods are so small that C2 removes the objects of an iteration.
 */
final class SpanFields extends AbstractMap<String, String> implements Serializable {
  static final String TRACE_ID = "trace_id";

  // Upstream's names.
  private static final List<String> NAMES = List.of(TRACE_ID, "span_id", "trace_flags");

  private final transient String traceId;
  private final transient String spanId;
  private final transient String flags;

  SpanFields(SpanContext span) {
    this.traceId = span.getTraceId();
    this.spanId = span.getSpanId();
    this.flags = span.getTraceFlags().asHex();
  }

  @Override
  public Set<Entry<String, String>> entrySet() {
    return new Fields(this);
  }

  private String value(int index) {
    return index == 0 ? traceId : index == 1 ? spanId : flags;
  }

  /** Replaces this map for appenders that send events to another JVM, which lacks this class. */
  private Object writeReplace() {
    return Map.copyOf(this);
  }

  private static final class Fields extends AbstractSet<Entry<String, String>> {
    private final SpanFields fields;

    Fields(SpanFields fields) {
      this.fields = fields;
    }

    @Override
    public Iterator<Entry<String, String>> iterator() {
      return new InOrder(fields);
    }

    @Override
    public int size() {
      return NAMES.size();
    }
  }

  private static final class InOrder implements Iterator<Entry<String, String>> {
    private final SpanFields fields;
    private int next;

    InOrder(SpanFields fields) {
      this.fields = fields;
    }

    @Override
    public boolean hasNext() {
      return next < NAMES.size();
    }

    @Override
    public Entry<String, String> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      int index = next++;
      return Map.entry(NAMES.get(index), fields.value(index));
    }
  }
}
