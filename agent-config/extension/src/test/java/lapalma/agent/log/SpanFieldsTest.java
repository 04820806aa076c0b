package lapalma.agent.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpanFieldsTest {
  private static final String TRACE_ID = "5c17c2a3b5d0e1f2a3b4c5d6e7f80912";
  private static final String SPAN_ID = "a1b2c3d4e5f60718";

  private final Map<String, String> fields =
      new SpanFields(
          SpanContext.create(TRACE_ID, SPAN_ID, TraceFlags.getSampled(), TraceState.getDefault()));

  @Test
  void theyAreTheIdsInUpstreamsNames() {
    assertThat(fields)
        .containsExactly(
            entry("trace_id", TRACE_ID), entry("span_id", SPAN_ID), entry("trace_flags", "01"));
    assertThat(fields.get("span_id")).isEqualTo(SPAN_ID);
    assertThat(fields.get("other")).isNull();
  }

  @Test
  void anAppenderCanSendThemToAnotherJvm() throws Exception {
    var bytes = new ByteArrayOutputStream();
    try (var out = new ObjectOutputStream(bytes)) {
      out.writeObject(fields);
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject())
          .isEqualTo(Map.of("trace_id", TRACE_ID, "span_id", SPAN_ID, "trace_flags", "01"));
    }
  }
}
