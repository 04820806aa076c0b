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
 * The ids of a span as the MDC of a log event. They become text only if an appender reads them, and
 * no table is filled with them: every log line has such a map.
 */
final class SpanFields extends AbstractMap<String, String> implements Serializable {
  static final String TRACE_ID = "trace_id";

  // Upstream's names.
  private static final List<String> NAMES = List.of(TRACE_ID, "span_id", "trace_flags");

  private final transient SpanContext span;

  SpanFields(SpanContext span) {
    this.span = span;
  }

  @Override
  public Set<Entry<String, String>> entrySet() {
    return new Fields(span);
  }

  /** For appenders that send events to another JVM, which has no such class. */
  private Object writeReplace() {
    return Map.copyOf(this);
  }

  private static final class Fields extends AbstractSet<Entry<String, String>> {
    private final SpanContext span;

    Fields(SpanContext span) {
      this.span = span;
    }

    @Override
    public Iterator<Entry<String, String>> iterator() {
      return new InOrder(span);
    }

    @Override
    public int size() {
      return NAMES.size();
    }
  }

  private static final class InOrder implements Iterator<Entry<String, String>> {
    private final SpanContext span;
    private int next;

    InOrder(SpanContext span) {
      this.span = span;
    }

    @Override
    public boolean hasNext() {
      return next < NAMES.size();
    }

    @Override
    public Entry<String, String> next() {
      String value =
          switch (next) {
            case 0 -> span.getTraceId();
            case 1 -> span.getSpanId();
            case 2 -> span.getTraceFlags().asHex();
            default -> throw new NoSuchElementException();
          };
      return Map.entry(NAMES.get(next++), value);
    }
  }
}
